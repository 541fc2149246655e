import { fail } from '../base/errors.js';
import { spacingOf } from './geometry.js';
import type { Triple, Volume } from './volume.js';

/** How large the foreground of a volume is. */
export interface ForegroundMeasures {
  readonly volumeMl: number;
  /** From the first to the last voxel along i, j, k. */
  readonly extentMm: Triple;
}

/** What foregrounds of one kind of body measure. */
interface BodyRange {
  readonly volumeMl: readonly [low: number, high: number];
  /** The longest of the three extents. */
  readonly longestMm: readonly [low: number, high: number];
}

/**
 * Brains from infants to large adults, cut out with or without the liquor around them, and a little room. A head with
 * its skull takes 2.5 l and more.
 */
const brainRange: BodyRange = { volumeMl: [500, 2200], longestMm: [110, 230] };

/** Measures a foreground. @param inside 1 in the foreground, i running fastest */
export function measureForeground(
  inside: Uint8Array,
  [ni, nj, nk]: Triple,
  spacingMm: Triple,
): ForegroundMeasures {
  const first = [ni, nj, nk];
  const last = [-1, -1, -1];
  let count = 0;
  for (let k = 0, at = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++, at++) {
        if (!inside[at]) continue;
        count++;
        if (i < first[0]!) first[0] = i;
        if (i > last[0]!) last[0] = i;
        if (j < first[1]!) first[1] = j;
        if (j > last[1]!) last[1] = j;
        if (k < first[2]!) first[2] = k;
        if (k > last[2]!) last[2] = k;
      }
  const extent = (axis: 0 | 1 | 2): number => Math.max(0, last[axis]! - first[axis]! + 1) * spacingMm[axis];
  return {
    volumeMl: (count * spacingMm[0] * spacingMm[1] * spacingMm[2]) / 1000,
    extentMm: [extent(0), extent(1), extent(2)],
  };
}

/** How far outside of what a model has learnt from a body may lie: people differ more than some training sets. */
const roomAround = { volume: 1.5, length: 1.25 };

/**
 * Says why a foreground is no body by its size, or nothing.
 *
 * @param learnt what the bodies that a model has learnt from measure; brains in general where it is not known
 */
export function whyImplausible(
  { volumeMl, extentMm }: ForegroundMeasures,
  learnt?: BodyRange,
): string | undefined {
  const { volume, length } = learnt ? roomAround : { volume: 1, length: 1 };
  const { volumeMl: ml, longestMm: mm } = learnt ?? brainRange;
  const whose = (range: string): string =>
    learnt ? `the model has learnt from ${range}` : `a brain has ${range}`;
  const itself = `its foreground is ${litresOf(volumeMl)} l, and ${whose(`${litresOf(ml[0])} to ${litresOf(ml[1])} l`)}`;
  if (volumeMl > ml[1] * volume)
    return `${itself}: it may hold the skull, or its voxels may be smaller than the header says`;
  if (volumeMl < ml[0] / volume)
    return `${itself}: its voxels may be larger than the header says, or part of the brain is missing`;
  const reach = Math.max(...extentMm);
  if (reach >= mm[0] / length && reach <= mm[1] * length) return undefined;
  return `its foreground is ${Math.round(reach)} mm long, and ${whose(`${Math.round(mm[0])} to ${Math.round(mm[1])} mm`)}: the header may give a wrong size of voxels`;
}

/** A mask beyond this is of something else: a head with its skull takes as much. */
const mostOfMaskMl = 2500;

/**
 * Requires that a brain mask is not larger than brains are.
 *
 * @param learnt what the bodies that a model has learnt from measure; brains in general where it is not known
 * @throws UtadError bad-value.
 */
export function requireBodySize({ volumeMl }: ForegroundMeasures, where: string, learnt?: BodyRange): void {
  const most = learnt ? learnt.volumeMl[1] * roomAround.volume : mostOfMaskMl;
  if (volumeMl <= most) return;
  fail('bad-value', {
    where,
    expected: `a mask of at most ${litresOf(most)} l`,
    got: `one of ${litresOf(volumeMl)} l`,
    todo: 'Check that it is the mask of the brain and not of the head, and that the header gives the right size of voxels.',
  });
}

function litresOf(ml: number): string {
  return String(Number((ml / 1000).toPrecision(2)));
}

/**
 * What speaks against a volume being a magnitude image of a whole brain, or of a body as a model has learnt from; a
 * sentence each.
 */
export function bodyDoubts(
  { data, size, affineVoxelToWorld }: Pick<Volume, 'data' | 'size' | 'affineVoxelToWorld'>,
  inside: Uint8Array,
  learnt?: BodyRange,
): readonly string[] {
  const measures = measureForeground(inside, size, spacingOf(affineVoxelToWorld));
  return [whyImplausible(measures, learnt), whyNotMagnitude(data, inside)].filter(
    (doubt) => doubt !== undefined,
  );
}

/** Standardised images have values below 0 too, but none this low. */
const lowestStandardised = -100;
/** Ringing and interpolation leave fewer negative values. */
const mostNegative = 0.01;

/** Says that a foreground holds values that magnitude images do not have, or nothing. */
function whyNotMagnitude(data: Float32Array, inside: Uint8Array): string | undefined {
  let [count, negative, lowest] = [0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    if (!inside[i]) continue;
    count++;
    const value = data[i]!;
    if (value < 0) negative++;
    if (value < lowest) lowest = value;
  }
  if (lowest > lowestStandardised || negative <= mostNegative * count) return undefined;
  const share = Math.round((100 * negative) / count);
  return `${share} % of its foreground is negative (down to ${lowest}), which magnitude images are not: unsigned values may have been stored as signed ones`;
}
