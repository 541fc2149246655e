import { fail } from '../base/errors.js';

/**
 * Dice overlap of two masks, `2 |A ∩ B| / (|A| + |B|)`; 0 (apart) to 1 (equal).
 *
 * Both empty: 1; one empty: 0 (as BraTS counts).
 *
 * @param first any shape, not 0 inside
 * @param second same shape
 * @throws UtadError bad-shape when the lengths differ.
 * @source Dice 1945; Menze et al. 2015, section III-C.
 */
export function dice(first: Uint8Array, second: Uint8Array): number {
  if (first.length !== second.length) {
    fail('bad-shape', {
      where: 'Dice',
      expected: 'two masks of one shape',
      got: `${first.length} and ${second.length} voxels`,
      todo: 'Bring both masks to the same grid first.',
    });
  }
  let both = 0;
  let sum = 0;
  for (let i = 0; i < first.length; i++) {
    const [inFirst, inSecond] = [first[i] !== 0 ? 1 : 0, second[i] !== 0 ? 1 : 0];
    both += inFirst * inSecond;
    sum += inFirst + inSecond;
  }
  return sum === 0 ? 1 : (2 * both) / sum;
}
