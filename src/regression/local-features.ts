import type { SliceGrid } from '../imaging/slice-grid.js';

/** A modality of a patient as it is compared: values and where they are brain. */
export interface NormalisedVolume {
  /** [K, rows, columns] on [0, 1], 0 outside the brain. */
  readonly unit: Float32Array;
  /** [K, rows, columns], 1 in the brain. */
  readonly brain: Uint8Array;
}

/** Standard deviations of the Gaussian means, millimetres in the plane of the slices. */
const meanSigmasMm = [3, 6, 12] as const;
/** Standard deviation of the window in which the share of brain is counted, millimetres. */
const brainSigmaMm = 8;

/** How many features a voxel has of one modality: its value, three Gaussian means, and the share of brain around it. */
export const localFeatureCount = meanSigmasMm.length + 2;

/**
 * What is known of voxels from their own neighbourhood: the value, its Gaussian means over the brain within the slice (σ 3, 6 and 12 mm), and how
 * much of the neighbourhood is brain (σ 8 mm).
 *
 * @param places slices whose voxels are described
 * @param chosen for each of these, the voxels that are wanted, by their place in the slice
 * @returns [features][voxels], slice after slice
 */
export function localFeatures(
  { unit, brain }: NormalisedVolume,
  { rows, columns, spacingMm }: SliceGrid,
  places: readonly number[],
  chosen: readonly ArrayLike<number>[],
): readonly Float32Array[] {
  const area = rows * columns;
  const total = chosen.reduce((sum, { length }) => sum + length, 0);
  const features = Array.from({ length: localFeatureCount }, () => new Float32Array(total));
  const filters = [...meanSigmasMm, brainSigmaMm].map((mm) =>
    createSmoothing(rows, columns, mm / spacingMm.rows, mm / spacingMm.columns),
  );
  let start = 0;
  places.forEach((k, n) => {
    const own = chosen[n]!;
    if (own.length === 0) return;
    const image = unit.subarray(k * area, (k + 1) * area);
    const cover = Float32Array.from(brain.subarray(k * area, (k + 1) * area));
    const gather = (feature: number, valueAt: (p: number) => number): void => {
      const out = features[feature]!;
      for (let i = 0; i < own.length; i++) out[start + i] = valueAt(own[i]!);
    };
    gather(0, (p) => image[p]!);
    meanSigmasMm.forEach((_, s) => {
      const smooth = filters[s]!;
      const [sums, covered] = [smooth(image), smooth(cover)];
      gather(s + 1, (p) => sums[p]! / (covered[p]! + leastCover));
    });
    const share = filters.at(-1)!(cover);
    gather(localFeatureCount - 1, (p) => share[p]!);
    start += own.length;
  });
  return features;
}

/** Keeps means finite where there is hardly any brain. */
const leastCover = 1e-3;

/** Gaussian smoothing of slices [rows, columns], zeros around them, cut at three standard deviations. */
function createSmoothing(
  rows: number,
  columns: number,
  sigmaRows: number,
  sigmaColumns: number,
): (image: Float32Array) => Float32Array {
  const [down, across] = [windowOf(sigmaRows), windowOf(sigmaColumns)];
  const between = new Float32Array(rows * columns);
  return (image) => {
    const out = new Float32Array(rows * columns);
    smoothLines(image, between, { lines: rows, apart: columns, length: columns, step: 1 }, across);
    smoothLines(between, out, { lines: columns, apart: 1, length: rows, step: columns }, down);
    return out;
  };
}

interface Lines {
  readonly lines: number;
  readonly apart: number;
  readonly length: number;
  readonly step: number;
}

function smoothLines(
  from: Float32Array,
  to: Float32Array,
  { lines, apart, length, step }: Lines,
  window: Float64Array,
): void {
  const radius = window.length - 1;
  const padded = new Float64Array(length + 2 * radius);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < length; i++) padded[radius + i] = from[line * apart + i * step]!;
    for (let i = 0; i < length; i++) {
      const centre = radius + i;
      let sum = window[0]! * padded[centre]!;
      for (let d = 1; d <= radius; d++) sum += window[d]! * (padded[centre - d]! + padded[centre + d]!);
      to[line * apart + i * step] = sum;
    }
  }
}

/** Weights by distance; all of them sum to 1. */
function windowOf(sigma: number): Float64Array {
  const radius = Math.max(1, Math.round(3 * sigma));
  const raw = Float64Array.from({ length: radius + 1 }, (_, d) => Math.exp((-0.5 * d * d) / sigma ** 2));
  const total = raw.reduce((sum, value, d) => sum + (d === 0 ? value : 2 * value), 0);
  return raw.map((value) => value / total);
}
