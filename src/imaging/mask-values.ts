import { fail } from '../base/errors.js';
import type { Volume } from './volume.js';

/**
 * Requires of any mask that its values are labels: whole numbers, none below 0. A brain mask is inside where it is not
 * 0; what labels mean is another question. Fractions come of masks that were interpolated, and no threshold is guessed.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-value, saying which value and what to do.
 */
export function requireMaskValues({ data }: Pick<Volume, 'data'>, where: string): void {
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value >= 0 && Number.isInteger(value)) continue;
    fail('bad-value', {
      where,
      expected: 'a mask of whole numbers, 0 outside',
      got: Number.isInteger(value)
        ? `values below 0, such as ${value}`
        : Number.isFinite(value)
          ? `values that are not whole numbers, such as ${value}`
          : `values that are ${value}`,
      todo: 'Save the mask as whole numbers; where it was resampled, do that again with nearest neighbours.',
    });
  }
}

/** A mask whose background lies in the middle fills every side of its volume; no body does. */
const mostOfSides = 0.5;

/**
 * Requires that a mask of a brain or a body leaves the sides of its volume free.
 *
 * @throws UtadError bad-value for a mask that is 0 inside and not outside, or nowhere 0.
 */
export function requireNotInverted(inside: Uint8Array, size: Volume['size'], where: string): void {
  const share = leastSideShare(inside, size);
  if (share <= mostOfSides) return;
  fail('bad-value', {
    where,
    expected: 'a mask that is 0 outside of the patient',
    got: `one that is not 0 on ${Math.round(100 * share)} % of every side of the volume`,
    todo: 'Check whether it is inverted: 0 belongs outside.',
  });
}

/** The share of a pair of opposite sides that a mask covers, of the pair that it covers least. */
function leastSideShare(inside: Uint8Array, [ni, nj, nk]: Volume['size']): number {
  const shareOf = (counts: readonly [number, number], at: (a: number, b: number, side: 0 | 1) => number) => {
    let covered = 0;
    for (let b = 0; b < counts[1]; b++)
      for (let a = 0; a < counts[0]; a++) covered += inside[at(a, b, 0)]! + inside[at(a, b, 1)]!;
    return covered / (2 * counts[0] * counts[1]);
  };
  return Math.min(
    shareOf([nj, nk], (j, k, side) => side * (ni - 1) + ni * (j + nj * k)),
    shareOf([ni, nk], (i, k, side) => i + ni * (side * (nj - 1) + nj * k)),
    shareOf([ni, nj], (i, j, side) => i + ni * (j + nj * side * (nk - 1))),
  );
}

/** The largest tumours fill a quarter of the brain; what fills half of it is another structure, or inverted. */
const mostOfBrain = 0.5;
/** More than this is doubtful. */
const muchOfBrain = 0.35;

/**
 * Requires that a tumour is smaller than the brain or body that it lies in.
 *
 * @param tumour how many voxels it has, as many as `body` is counted in
 * @throws UtadError bad-value.
 */
export function requirePartOfBody(tumour: number, body: number, where: string): void {
  if (doubtfulSize(tumour, body) !== 'error') return;
  fail('bad-value', {
    where,
    expected: 'a tumour, which is a part of the brain',
    got: `a mask that is ${Math.round((100 * tumour) / body)} % as large as the brain`,
    todo: 'Check whether it is inverted, or the mask of something else, such as the brain itself.',
  });
}

/** Whether a tumour is as large as no tumour is, or as few are; nothing where it is smaller. */
export function doubtfulSize(tumour: number, body: number): 'error' | 'warning' | undefined {
  if (body === 0 || tumour <= muchOfBrain * body) return undefined;
  return tumour > mostOfBrain * body ? 'error' : 'warning';
}

/** How many voxels of a mask are not 0. */
export function countOf(mask: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i]) count++;
  return count;
}
