import type { OnnxEmitter } from './emitter.js';

/** A graphics card multiplies matrices in tiles of so many rows and columns, each by one group of threads. */
const tile = 32;
/** So many groups of threads keep a card busy. */
const enoughGroups = 512;
/** Below so many terms a part's sum is dearer to write than to compute. */
const shortestPart = 128;

/**
 * In how many parts a product over pixels [N,O,L]·[N,L,C] is taken. ONNX Runtime's WebGPU backend gives a tile of the
 * result to one group of threads, however long the sum: sixteen features over 128×128 pixels would keep eight groups
 * busy and the rest of the card idle.
 *
 * @returns a divisor of rows·columns; 1 where one part will do, and on the CPU
 */
export function longProductParts(
  to: OnnxEmitter,
  size: {
    readonly batch: number;
    readonly features: number;
    readonly channels: number;
    readonly rows: number;
    readonly columns: number;
  },
): number {
  if (to.operators === 'all') return 1;
  const pixels = size.rows * size.columns;
  const groups = size.batch * Math.ceil(size.features / tile) * Math.ceil(size.channels / tile);
  let parts = 1;
  while (groups * parts < enoughGroups && pixels % (2 * parts) === 0 && pixels / (2 * parts) >= shortestPart)
    parts *= 2;
  return parts;
}
