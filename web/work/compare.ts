import { brainOf, percentileRange, type ValueRange } from '../../src/imaging/normalise.js';
import { axialOrderOf, fromAxial, toAxial } from '../../src/imaging/orientation.js';
import type { Volume } from '../../src/imaging/volume.js';
import { createSsim } from '../../src/metrics/ssim.js';

/** How a translated volume differs from the scan that shows the same. */
export interface Comparison {
  /** Translated minus real on the grid of both, each on its own scale of 0 to 1; 0 outside the brain. */
  readonly difference: Float32Array;
  /** Mean of the absolute difference in the brain, 0 to 1. */
  readonly meanError: number;
  /** Mean structural similarity of the axial slices with brain; null where they are too small for its window. */
  readonly similarity: number | null;
}

/** What one grid shows twice. */
export interface ComparisonRequest {
  readonly translated: Volume;
  /** The intensities that 0 and 1 of the translated volume stand for. */
  readonly translatedRange: ValueRange;
  readonly truth: Volume;
}

/** Pixels that the window of the structural similarity needs on each side. */
const smallestSide = 11;

/**
 * Compares a translated volume with the real one: the real one's 0.5th and 99.5th percentile in the brain become 0 and
 * 1, as in the preparation of volumes, the translated one's are the model's.
 */
export function compareVolumes({ translated, translatedRange, truth }: ComparisonRequest): Comparison {
  const brain = brainOf(truth.data);
  for (let i = 0; i < brain.length; i++) if (translated.data[i] === 0) brain[i] = 0;
  const toUnit = (data: Float32Array, { low, high }: ValueRange): Float32Array =>
    data.map((value, i) => (brain[i] ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0));
  const truthRange = brain.includes(1) ? percentileRange(truth.data, brain, 0.5, 99.5) : { low: 0, high: 1 };
  const order = axialOrderOf(translated.size, translated.affineVoxelToWorld);
  const a = toAxial(toUnit(translated.data, translatedRange), order);
  const b = toAxial(toUnit(truth.data, truthRange), order);
  const difference = a.map((value, i) => value - b[i]!);
  const inside = toAxial(brain, order);
  let [sum, count] = [0, 0];
  for (let i = 0; i < inside.length; i++) {
    if (!inside[i]) continue;
    sum += Math.abs(difference[i]!);
    count++;
  }
  return {
    difference: fromAxial(difference, order),
    meanError: count === 0 ? 0 : sum / count,
    similarity: meanSimilarity(a, b, inside, order.size),
  };
}

function meanSimilarity(
  a: Float32Array,
  b: Float32Array,
  inside: Uint8Array,
  [columns, rows, slices]: readonly [number, number, number],
): number | null {
  if (Math.min(columns, rows) < smallestSide) return null;
  const area = columns * rows;
  const similarity = createSsim(rows, columns, { valueRange: 1 });
  let [sum, count] = [0, 0];
  for (let slice = 0; slice < slices; slice++) {
    const [start, end] = [slice * area, (slice + 1) * area];
    if (!inside.subarray(start, end).includes(1)) continue;
    sum += similarity.mean(similarity.map(a.subarray(start, end), b.subarray(start, end)));
    count++;
  }
  return count === 0 ? null : sum / count;
}
