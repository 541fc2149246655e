import { type MaskGrid, requireMasks } from './mask-grid.js';

/**
 * Exact Euclidean distance of every voxel's centre to that of the nearest voxel inside a mask, millimetres; 0 inside,
 * Infinity everywhere when the mask is empty.
 *
 * @param mask [K, rows, columns], not 0 inside
 * @returns [K, rows, columns]
 * @throws UtadError bad-shape or bad-argument.
 * @source Felzenszwalb and Huttenlocher 2012; scipy `distance_transform_edt(mask == 0, sampling=spacing)`.
 */
export function distanceToMask(mask: Uint8Array, grid: MaskGrid): Float64Array {
  requireMasks('distance transform', grid, mask);
  const { slices, rows, columns, spacingMm } = grid;
  const squared = new Float64Array(mask.length);
  for (let start = 0; start < mask.length; start += columns) {
    sweepRow(mask, squared, start, columns, spacingMm.columns);
  }
  const area = rows * columns;
  const acrossRows = createEnvelope(rows, spacingMm.rows);
  const acrossSlices = createEnvelope(slices, spacingMm.slices);
  for (let slice = 0; slice < slices; slice++) {
    for (let column = 0; column < columns; column++) acrossRows(squared, slice * area + column, columns);
  }
  for (let pixel = 0; pixel < area; pixel++) acrossSlices(squared, pixel, area);
  for (let i = 0; i < squared.length; i++) squared[i] = Math.sqrt(squared[i]!);
  return squared;
}

/** Squared distances within one row of voxels: to the nearest one inside on the left, then on the right. */
function sweepRow(mask: Uint8Array, squared: Float64Array, start: number, length: number, step: number) {
  let steps = Number.POSITIVE_INFINITY;
  for (let i = start; i < start + length; i++) {
    steps = mask[i] !== 0 ? 0 : steps + 1;
    squared[i] = (steps * step) ** 2;
  }
  steps = Number.POSITIVE_INFINITY;
  for (let i = start + length - 1; i >= start; i--) {
    steps = mask[i] !== 0 ? 0 : steps + 1;
    const distance = (steps * step) ** 2;
    if (distance < squared[i]!) squared[i] = distance;
  }
}

/**
 * Replaces values along a line by `min over q of value(q) + (step · (p − q))²`, the lower envelope of one parabola a
 * value; parabolas of Infinity take no part.
 */
function createEnvelope(length: number, step: number) {
  const values = new Float64Array(length);
  // The parabolas of the envelope from left to right, and where each takes over from the one before.
  const vertices = new Int32Array(length);
  const from = new Float64Array(length);
  const stepSquared = step * step;
  return (data: Float64Array, start: number, stride: number): void => {
    let last = -1;
    for (let q = 0, at = start; q < length; q++, at += stride) {
      const value = data[at]!;
      values[q] = value;
      if (value === Number.POSITIVE_INFINITY) continue;
      let takesOver = Number.NEGATIVE_INFINITY;
      while (last >= 0) {
        const vertex = vertices[last]!;
        takesOver = (q + vertex + (value - values[vertex]!) / (stepSquared * (q - vertex))) / 2;
        if (takesOver > from[last]!) break;
        last--;
      }
      last++;
      vertices[last] = q;
      from[last] = last === 0 ? Number.NEGATIVE_INFINITY : takesOver;
    }
    if (last < 0) return;
    let part = 0;
    for (let p = 0, at = start; p < length; p++, at += stride) {
      while (part < last && from[part + 1]! < p) part++;
      const vertex = vertices[part]!;
      data[at] = values[vertex]! + stepSquared * (p - vertex) ** 2;
    }
  };
}
