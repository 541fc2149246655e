import { isOp, type Node } from '../graph/graph.js';
import { blockedDomain, fromBlocks } from './blocks.js';
import type { OnnxEmitter } from './emitter.js';

/** Weights of an interpolation, in float32. */
const tolerance = 1e-6;

/**
 * Doubling by bilinear interpolation with aligned corners, rows·(x·columns), as one operator in the blocked layout. Null
 * for every other product.
 */
export function upsampleInBlocks(
  to: OnnxEmitter,
  inputs: readonly string[],
  { inputs: [left, right], shape }: Node<'matmul'>,
): string | null {
  const blocked = to.notes.blockedForms.get(inputs[0]!);
  if (blocked !== undefined && isInterpolation(right!, ([size]) => [1, 2 * size!])) {
    // In case that only the columns are doubled.
    const product = to.emit('MatMul', inputs)[0]!;
    to.notes.doubledColumns.set(product, blocked);
    return product;
  }
  const source = to.notes.doubledColumns.get(inputs[1]!);
  if (source === undefined || !isInterpolation(left!, ([, size]) => [size!, 1])) return null;
  const doubled = to.emit(
    'Upsample',
    [source],
    {
      scales: { ints: [1, 1, 2, 2] },
      mode: { text: 'linear' },
      coordinate_transformation_mode: { text: 'align_corners' },
    },
    { domain: blockedDomain },
  )[0]!;
  return fromBlocks(to, doubled, shape[1]!);
}

/**
 * Whether a matrix interpolates n samples at 2n positions: position i lies at i·(n−1)/(2n−1).
 *
 * @param steps how far positions and samples are apart in the matrix
 */
function isInterpolation(
  node: Node,
  steps: (shape: readonly number[]) => readonly [position: number, sample: number],
): boolean {
  if (!isOp(node, 'constant') || node.shape.length !== 2) return false;
  const samples = Math.min(...node.shape);
  if (samples < 2 || Math.max(...node.shape) !== 2 * samples) return false;
  const [position, sample] = steps(node.shape);
  const { data } = node.attributes;
  return Array.from({ length: 2 * samples }, (_, i) => (i * (samples - 1)) / (2 * samples - 1)).every(
    (place, i) =>
      Array.from({ length: samples }, (_, k) => k).every(
        (k) => Math.abs(data[i * position + k * sample]! - Math.max(0, 1 - Math.abs(place - k))) < tolerance,
      ),
  );
}
