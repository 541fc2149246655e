import { brainOf, percentileRange, type ValueRange } from '../../src/imaging/normalise.js';
import { axialOrderOf } from '../../src/imaging/orientation.js';
import type { Triple, Volume } from '../../src/imaging/volume.js';

/** First and last voxel along columns, rows and slices of the axial order. */
export interface ContentBox {
  readonly first: Triple;
  readonly last: Triple;
}

/** What is needed to show a volume. */
export interface ContentFacts {
  /** Intensities that are shown black and white. */
  readonly range: ValueRange;
  /** Where there is anything but 0. */
  readonly box: ContentBox;
  /** Whole numbers, few of them: a mask. */
  readonly isLabels: boolean;
}

/** A mask has at most this many labels. */
const mostLabels = 12;

/** Looks through a volume once. */
export function factsOf(volume: Volume): ContentFacts {
  const { data } = volume;
  const isLabels = areLabels(data);
  return { range: isLabels ? { low: 0, high: 1 } : shownRange(data), box: boxOf(volume), isLabels };
}

function shownRange(data: Float32Array): ValueRange {
  const inside = brainOf(data);
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i]!)) inside[i] = 0;
  if (!inside.includes(1)) return { low: 0, high: 1 };
  const { low, high } = percentileRange(data, inside, 0.5, 99.5);
  return high > low ? { low, high } : { low: low - 1, high: high + 1 };
}

function areLabels(data: Float32Array): boolean {
  const labels = new Set<number>();
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!Number.isInteger(value) || value < 0) return false;
    labels.add(value);
    if (labels.size > mostLabels) return false;
  }
  return labels.size > 1;
}

function boxOf({ data, size, affineVoxelToWorld }: Volume): ContentBox {
  const { size: axial, sourceAxis, mirrored } = axialOrderOf(size, affineVoxelToWorld);
  const first = [...size];
  const last = [-1, -1, -1];
  let at = 0;
  for (let k = 0; k < size[2]; k++)
    for (let j = 0; j < size[1]; j++)
      for (let i = 0; i < size[0]; i++) {
        if (data[at++] === 0) continue;
        if (i < first[0]!) first[0] = i;
        if (i > last[0]!) last[0] = i;
        if (j < first[1]!) first[1] = j;
        if (j > last[1]!) last[1] = j;
        if (k < first[2]!) first[2] = k;
        last[2] = k;
      }
  if (last[2]! < 0) return { first: [0, 0, 0], last: [axial[0] - 1, axial[1] - 1, axial[2] - 1] };
  const turned = sourceAxis.map((axis, index) => {
    const [a, b] = [first[axis]!, last[axis]!];
    return mirrored[index] ? [axial[index]! - 1 - b, axial[index]! - 1 - a] : [a, b];
  });
  return {
    first: [turned[0]![0]!, turned[1]![0]!, turned[2]![0]!],
    last: [turned[0]![1]!, turned[1]![1]!, turned[2]![1]!],
  };
}
