import { fail } from '../base/errors.js';

/**
 * Refuses image pairs that cannot be compared: other lengths than their shape says, or values that are not finite.
 *
 * @param size number of pixels that both must have
 * @throws UtadError bad-shape or bad-value.
 */
export function requireComparable(
  where: string,
  first: Float32Array,
  second: Float32Array,
  size: number,
): void {
  if (first.length !== size || second.length !== size) {
    fail('bad-shape', {
      where,
      expected: `two images of ${size} pixels`,
      got: `${first.length} and ${second.length}`,
    });
  }
  for (let i = 0; i < size; i++) {
    // A sum is finite only when both are (values near the largest float do not occur in images).
    if (!Number.isFinite(first[i]! + second[i]!)) {
      fail('bad-value', {
        where,
        expected: 'finite values',
        got: `${first[i]} and ${second[i]} at pixel ${i}`,
      });
    }
  }
}

/**
 * Refuses a value range that is missing or not positive; it is never guessed from the data.
 *
 * @throws UtadError bad-argument.
 */
export function requireValueRange(where: string, valueRange: number): void {
  if (!(Number.isFinite(valueRange) && valueRange > 0)) {
    fail('bad-argument', {
      where,
      expected: 'a positive value range (1 for images on [0, 1], 2 on [−1, 1])',
      got: String(valueRange),
    });
  }
}

/**
 * Sum and number of a map's values inside a mask, so that several slices can be pooled.
 *
 * @param map [H, W]
 * @param mask [H, W], 1 inside
 * @throws UtadError bad-shape when the lengths differ.
 */
export function sumInside(
  map: Float64Array,
  mask: Uint8Array,
): { readonly sum: number; readonly count: number } {
  if (map.length !== mask.length) {
    fail('bad-shape', { where: 'mask', expected: `${map.length} pixels`, got: `${mask.length}` });
  }
  let sum = 0;
  let count = 0;
  for (let i = 0; i < map.length; i++) {
    if (!mask[i]) continue;
    sum += map[i]!;
    count++;
  }
  return { sum, count };
}

/**
 * Refuses a mask of another length than its image, and an empty one: it has nothing to measure.
 *
 * @throws UtadError bad-shape or bad-value.
 */
export function requireSameMask(where: string, mask: Uint8Array, size: number): void {
  if (mask.length !== size) {
    fail('bad-shape', { where: `${where}, mask`, expected: `${size} pixels`, got: `${mask.length}` });
  }
  if (!mask.some((value) => value !== 0)) {
    fail('bad-value', {
      where: `${where}, mask`,
      expected: 'a pixel inside',
      got: 'none',
      todo: 'Leave this image out, and say how many were left out.',
    });
  }
}
