import type { ResampleStep } from './record.js';
import { type AxisChange, axisWeights, isKept, resampleAcross, resampleSlices } from './resample.js';

/**
 * Does a resampling step: columns and rows, then across the slices.
 *
 * @param data [K, rows, columns] of the source in axial order
 * @returns [K', S, S]
 */
export function toSlices(
  data: Float32Array | Uint8Array,
  { rows, columns, slices }: ResampleStep,
): Float32Array {
  const weights = ({ native, slice }: AxisChange) => axisWeights(native, slice);
  const flat = resampleSlices(data, slices.native.count, weights(rows), weights(columns));
  if (isKept(slices)) return flat;
  return resampleAcross(flat, rows.slice.count * columns.slice.count, weights(slices));
}

/**
 * Goes back from the slices' pixels to the source's: across, then columns and rows.
 *
 * @param data [K', S, S]
 * @returns [K, rows, columns] of the source in axial order
 */
export function fromSlices(data: Float32Array, { rows, columns, slices }: ResampleStep): Float32Array {
  const weights = ({ native, slice }: AxisChange) => axisWeights(slice, native);
  const deep = isKept(slices)
    ? data
    : resampleAcross(data, rows.slice.count * columns.slice.count, weights(slices));
  return resampleSlices(deep, slices.native.count, weights(rows), weights(columns));
}
