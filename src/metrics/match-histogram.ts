import { fail } from '../base/errors.js';
import { quantileCount } from './quantiles.js';

/** Maps one image to several distributions; the ranks of its pixels are found once. */
export interface HistogramMatcher {
  /** The image with this distribution inside the mask and 0 outside. */
  readonly match: (table: readonly number[]) => Float32Array;
}

/**
 * Ranks the pixels of an image inside a mask (equal values share the middle of their ranks), so that it can be
 * given the distribution of another modality.
 *
 * @param values any shape, on [0, 1]
 * @param mask same length, 1 inside
 * @throws UtadError bad-shape when the lengths differ, bad-value for NaN.
 */
export function createHistogramMatcher(values: Float32Array, mask: Uint8Array): HistogramMatcher {
  if (mask.length !== values.length) {
    fail('bad-shape', { where: 'mask', expected: `${values.length} pixels`, got: `${mask.length}` });
  }
  const inside = values.filter((_, i) => mask[i]);
  if (inside.some(Number.isNaN)) {
    fail('bad-value', { where: 'histogram matching', expected: 'finite values', got: 'NaN' });
  }
  const sorted = inside.sort();
  const ranks = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (!mask[i]) continue;
    const value = values[i]!;
    const smaller = countBelow(sorted, value, false);
    const notLarger = countBelow(sorted, value, true);
    ranks[i] = (smaller + notLarger) / (2 * sorted.length);
  }
  return {
    match: (table) => {
      requireTable(table);
      const out = new Float32Array(values.length);
      for (let i = 0; i < out.length; i++) {
        if (!mask[i]) continue;
        const position = ranks[i]! * (quantileCount - 1);
        const below = Math.min(Math.floor(position), quantileCount - 2);
        out[i] = table[below]! + (table[below + 1]! - table[below]!) * (position - below);
      }
      return out;
    },
  };
}

/**
 * Gives the pixels inside a mask the distribution of a quantile table, by rank; 0 outside.
 *
 * @throws UtadError bad-shape or bad-value.
 */
export function matchHistogram(
  values: Float32Array,
  mask: Uint8Array,
  table: readonly number[],
): Float32Array {
  return createHistogramMatcher(values, mask).match(table);
}

function requireTable(table: readonly number[]): void {
  const ordered = table.every((value, i) => Number.isFinite(value) && (i === 0 || value >= table[i - 1]!));
  if (table.length === quantileCount && ordered) return;
  fail('bad-value', {
    where: 'quantile table',
    expected: `${quantileCount} finite values in rising order`,
    got: `${table.length} ${ordered ? 'values' : 'values out of order'}`,
  });
}

function countBelow(sorted: Float32Array, value: number, orEqual: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const left = orEqual ? sorted[middle]! <= value : sorted[middle]! < value;
    if (left) low = middle + 1;
    else high = middle;
  }
  return low;
}
