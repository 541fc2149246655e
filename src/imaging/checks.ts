import { fail } from '../base/errors.js';
import type { ForegroundRule } from './foreground.js';
import { percentileRange, type ValueRange, zScoreRange } from './normalise.js';
import type { CompleteRecipe } from './recipe.js';
import type { Triple, Volume } from './volume.js';

/** A brain cut out tightly still leaves half of its box empty; below this share nothing was cut out. */
const minimumZeroShare = 0.2;
/** A brain only touches the four sides of its box; above this share something lies across them. */
const maximumSideShare = 0.25;

/** Says why a volume does not look skull-stripped, or nothing when it does. */
function whyNotSkullStripped(data: Float32Array, size: Triple): string | undefined {
  let zeros = 0;
  for (let i = 0; i < data.length; i++) if (data[i] === 0) zeros++;
  const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
  if (zeros / data.length < minimumZeroShare) {
    const corner = data[0]!;
    const hint = corner !== 0 && data.at(-1) === corner ? ` (its background is ${corner}, not 0)` : '';
    return `only ${percent(zeros / data.length)} of the voxels are exactly 0${hint}`;
  }
  const side = filledSideShare(data, size);
  if (side > maximumSideShare) return `${percent(side)} of the voxels on the sides of the volume are not 0`;
  return undefined;
}

/**
 * Refuses volumes that cannot be prepared: voxels that are not finite, no brain, not skull-stripped, constant.
 *
 * @param brain 1 in the brain
 * @param where the file's name, for messages
 * @param masked the brain was given by a mask, so nothing needs to be cut out already
 * @returns the range that normalisation uses
 * @throws UtadError bad-value, saying which and what to do.
 */
export function requireUsable(
  volume: Volume,
  brain: Uint8Array,
  { foreground, lowPercentile, highPercentile, normalisation }: CompleteRecipe,
  where: string,
  masked: boolean,
): ValueRange {
  const { data, size } = volume;
  requireFinite(data, where);
  if (!brain.includes(1)) refuseEmpty(foreground, where, masked);
  const reason = masked || foreground.kind !== 'nonzero' ? undefined : whyNotSkullStripped(data, size);
  if (reason !== undefined) {
    if (data.every((value) => value === data[0])) refuseConstant(data[0]!, where);
    fail('bad-value', {
      where,
      expected: 'a skull-stripped volume with background 0',
      got: `one that does not look so: ${reason}`,
      todo: 'Strip the skull first (for example with HD-BET) and set everything outside the brain to 0, or give a brain mask.',
    });
  }
  const range =
    normalisation === 'z-score'
      ? zScoreRange(data, brain)
      : percentileRange(data, brain, lowPercentile, highPercentile);
  if (!(range.high > range.low)) refuseConstant(range.low, where);
  return range;
}

function refuseEmpty(foreground: ForegroundRule, where: string, masked: boolean): never {
  if (masked) {
    fail('bad-value', {
      where: `brain mask of ${where}`,
      expected: 'voxels other than 0, in the brain',
      got: 'an empty mask',
      todo: 'Check the mask.',
    });
  }
  return fail('bad-value', {
    where,
    expected: foreground.kind === 'nonzero' ? 'a brain' : `voxels above ${foreground.value}`,
    got: `an empty volume: every voxel is ${foreground.kind === 'nonzero' ? '0' : 'background'}`,
    todo: 'Check the file.',
  });
}

function refuseConstant(value: number, where: string): never {
  return fail('bad-value', {
    where,
    expected: 'intensities that differ',
    got: `a constant volume: the brain is ${value} throughout`,
    todo: 'Check that the file is an image and not a mask.',
  });
}

function requireFinite(data: Float32Array, where: string): void {
  let broken = 0;
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) broken++;
  if (broken === 0) return;
  fail('bad-value', {
    where,
    expected: 'finite voxels',
    got: `${broken} that are NaN or infinite`,
    todo: 'Set them to 0 if they are background, or convert the image again.',
  });
}

function filledSideShare(data: Float32Array, [ni, nj, nk]: Triple): number {
  // The first and last axes of the file may be any: the two emptiest pairs of faces are the brain's sides.
  const pairs = [0, 0, 0];
  for (let k = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) {
      const row = ni * (j + nj * k);
      pairs[0]! += Number(data[row] !== 0) + Number(data[row + ni - 1] !== 0);
    }
    for (let i = 0; i < ni; i++) {
      pairs[1]! += Number(data[i + ni * nj * k] !== 0) + Number(data[i + ni * (nj - 1 + nj * k)] !== 0);
    }
  }
  for (let i = 0; i < ni * nj; i++) {
    pairs[2]! += Number(data[i] !== 0) + Number(data[i + ni * nj * (nk - 1)] !== 0);
  }
  const shares = [pairs[0]! / (2 * nj * nk), pairs[1]! / (2 * ni * nk), pairs[2]! / (2 * ni * nj)];
  // A slab cut through the brain fills the faces of one axis; a head in its air fills more than one.
  return shares.sort((a, b) => a - b)[1]!;
}
