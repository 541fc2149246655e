import { spacingOf } from './geometry.js';
import type { Triple, Volume } from './volume.js';

/** How large the foreground of a volume is. */
interface ForegroundMeasures {
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
function measureForeground(inside: Uint8Array, [ni, nj, nk]: Triple, spacingMm: Triple): ForegroundMeasures {
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

/** Says why a foreground is no brain by its size, or nothing. */
function whyNotABrain(
  { volumeMl, extentMm }: ForegroundMeasures,
  { volumeMl: [least, most], longestMm: [shortest, longest] }: BodyRange,
): string | undefined {
  const litres = (ml: number): string => String(Number((ml / 1000).toPrecision(2)));
  const brain = `a brain has ${litres(least)} to ${litres(most)} l`;
  if (volumeMl > most)
    return `its foreground is ${litres(volumeMl)} l, and ${brain}: it may hold the skull, or its voxels may be smaller than the header says`;
  if (volumeMl < least)
    return `its foreground is ${litres(volumeMl)} l, and ${brain}: its voxels may be larger than the header says, or part of the brain is missing`;
  const reach = Math.max(...extentMm);
  if (reach >= shortest && reach <= longest) return undefined;
  return `its foreground is ${Math.round(reach)} mm long, and a brain has ${shortest} to ${longest} mm: the header may give a wrong size of voxels`;
}

/** What speaks against a volume being a magnitude image of a whole brain; a sentence each. */
export function bodyDoubts(
  { data, size, affineVoxelToWorld }: Pick<Volume, 'data' | 'size' | 'affineVoxelToWorld'>,
  inside: Uint8Array,
  range: BodyRange = brainRange,
): readonly string[] {
  const measures = measureForeground(inside, size, spacingOf(affineVoxelToWorld));
  return [whyNotABrain(measures, range), whyNotMagnitude(data, inside)].filter(
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
