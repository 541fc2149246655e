import type { Node } from '../engine/graph/graph.js';
import { constant, matmul } from '../engine/graph/operations.js';

/**
 * Doubles height and width by bilinear interpolation with aligned corners. It is linear and separable:
 * rows · x · columns with two constant matrices, [2H,H] · [N,C,H,W] · [W,2W].
 */
export function upsampleBilinear(x: Node): Node {
  const [, , height, width] = x.shape as [number, number, number, number];
  const columns = constant(transposed(interpolation(width), 2 * width, width), [width, 2 * width]);
  const rows = constant(interpolation(height), [2 * height, height]);
  return matmul(rows, matmul(x, columns));
}

/**
 * Doubles height and width by bilinear interpolation between the centres of pixels, as the inverse of the mean over 2×2 blocks
 * wants it: nothing moves. Beyond the outermost centres the value stays.
 */
export function upsampleCentred(x: Node): Node {
  const [, , height, width] = x.shape as [number, number, number, number];
  const columns = constant(transposed(centred(width), 2 * width, width), [width, 2 * width]);
  const rows = constant(centred(height), [2 * height, height]);
  return matmul(rows, matmul(x, columns));
}

/** Doubles height and width by repeating each pixel: rows · x · columns as in {@link upsampleBilinear}. */
export function upsampleNearest(x: Node): Node {
  const [, , height, width] = x.shape as [number, number, number, number];
  const columns = constant(transposed(repetition(width), 2 * width, width), [width, 2 * width]);
  const rows = constant(repetition(height), [2 * height, height]);
  return matmul(rows, matmul(x, columns));
}

/** Weights [2n,n]: position i is sample ⌊i/2⌋. */
function repetition(size: number): Float32Array {
  const weights = new Float32Array(2 * size * size);
  for (let i = 0; i < 2 * size; i++) weights[i * size + Math.floor(i / 2)] = 1;
  return weights;
}

/**
 * Weights [2n,n] of n samples in 2n positions: position i lies at i·(n−1)/(2n−1).
 *
 * @source torch.nn.Upsample(mode='bilinear', align_corners=True).
 */
function interpolation(size: number): Float32Array {
  const weights = new Float32Array(2 * size * size);
  for (let i = 0; i < 2 * size; i++) {
    const position = size === 1 ? 0 : (i * (size - 1)) / (2 * size - 1);
    const left = Math.min(size - 1, Math.floor(position));
    const right = Math.min(size - 1, left + 1);
    weights[i * size + left]! += 1 - (position - left);
    weights[i * size + right]! += position - left;
  }
  return weights;
}

/**
 * Weights [2n,n] of n samples in 2n positions: the middle of position i lies at (i + ½)/2 − ½.
 *
 * @source torch.nn.Upsample(mode='bilinear', align_corners=False).
 */
function centred(size: number): Float32Array {
  const weights = new Float32Array(2 * size * size);
  for (let i = 0; i < 2 * size; i++) {
    const position = Math.min(size - 1, Math.max(0, (i + 0.5) / 2 - 0.5));
    const left = Math.floor(position);
    const right = Math.min(size - 1, left + 1);
    weights[i * size + left]! += 1 - (position - left);
    weights[i * size + right]! += position - left;
  }
  return weights;
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(
    { length: rows * columns },
    (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!,
  );
}
