import { fail } from '../base/errors.js';
import { gradientSimilarity } from '../metrics/gradient-similarity.js';
import { createIntensityErrors, psnrOf } from '../metrics/intensity-errors.js';
import { multiScaleSsim, smallestMultiScaleSide } from '../metrics/multi-scale-ssim.js';
import { normalisedMutualInformation } from '../metrics/mutual-information.js';
import { createSsim, type Ssim } from '../metrics/ssim.js';
import { type MeasureName, measureNames, type RegionName } from './measures.js';
import { halveMask, poolInside } from './pool-inside.js';

/** How near an answer is to the truth, on intensities of [0, 1]; null where a measure has nothing to say. */
export interface Scores
  extends Readonly<Record<Exclude<MeasureName, 'ssim' | 'psnr' | 'mae'>, number | null>> {
  /** Structural similarity, at most 1. */
  readonly ssim: number;
  /** Decibels, at most {@link highestPsnr}. */
  readonly psnr: number;
  /** Mean absolute error, 0 to 1. */
  readonly mae: number;
}

/** Scores of one answer in each region; null where a region has no pixel. */
export interface RegionScores extends Readonly<Record<RegionName, Scores | null>> {
  readonly brain: Scores;
}

/** Scores of one answer over all slices together, and of every slice for itself. */
export interface AnswerScores {
  readonly volume: RegionScores;
  /** As many as there are slices; a slice without brain in every modality has none. */
  readonly slices: readonly (RegionScores | null)[];
}

/** Where answers are judged; all [n, S, S], 1 inside. */
export interface SliceRegions {
  readonly brain: Uint8Array;
  readonly tumour?: Uint8Array;
  readonly ring?: Uint8Array;
}

/** What PSNR is reported as when it is higher, and for equal images, where it is infinite (JSON has no Infinity). */
export const highestPsnr = 100;

/** Bins of the mutual information along each image. */
const bins = 32;
/** Fewer pixels than the joint histogram has cells look related whatever they are. */
const leastPixelsForMutual = bins * bins;

/**
 * Prepares the scores of answers on the same slices.
 *
 * Brain: SSIM, multi-scale SSIM and gradient similarity are means over slices of the whole slice's, background
 * included; the others are pooled over the brain's pixels. Tumour and ring: everything is pooled over the region's
 * pixels of all slices, SSIM and gradient similarity as the means (and deviation) of their maps there.
 *
 * @param side S
 * @param regions [n, S, S]
 * @param options whether SSIM with the uniform window is wanted too
 * @returns a function of answer and truth, both [n, S, S] on [0, 1]
 * @throws UtadError bad-shape or bad-value, from the measures.
 */
export function createScorer(
  side: number,
  regions: SliceRegions,
  options: { readonly uniform?: boolean } = {},
): (answer: Float32Array, truth: Float32Array) => AnswerScores {
  const area = side * side;
  if (!regions.brain.includes(1)) {
    fail('bad-value', {
      where: 'slices',
      expected: 'a pixel that is brain in every modality of the patient',
      got: 'none',
      todo: 'Check that the volumes are co-registered.',
    });
  }
  const gaussian = createSsim(side, side, { valueRange: 1 });
  const uniform = options.uniform ? createSsim(side, side, { valueRange: 1, window: 'uniform' }) : undefined;
  const inner = (['tumour', 'ring'] as const).flatMap((name) => {
    const mask = regions[name];
    return mask ? [{ name, mask, half: halveMask(mask, side) }] : [];
  });
  const halfArea = Math.ceil(side / 2) ** 2;

  return (answer, truth) => {
    const count = truth.length / area;
    const maps = {
      ssim: new Float64Array(truth.length),
      ...(uniform ? { uniform: new Float64Array(truth.length) } : {}),
      gradients: new Float64Array(count * halfArea),
    };
    const whole: WholeSlice[] = [];
    for (let k = 0; k < count; k++) {
      const [a, b] = [cut(answer, k, area), cut(truth, k, area)];
      const similarity = gaussian.map(a, b);
      maps.ssim.set(similarity, k * area);
      const uniformMap = uniform?.map(a, b);
      if (uniformMap) maps.uniform?.set(uniformMap, k * area);
      const gradients = gradientSimilarity(a, b, side, side, 1);
      maps.gradients.set(gradients.map, k * halfArea);
      whole.push({
        ssim: gaussian.mean(similarity),
        gmsm: gradients.mean,
        gmsd: gradients.deviation,
        msSsim: side >= smallestMultiScaleSide ? multiScaleSsim(a, b, side, side, 1) : null,
        ssimUniform: uniformMap ? (uniform as Ssim).mean(uniformMap) : null,
      });
    }
    const scoresOf = (first: number, last: number): RegionScores | null => {
      const part = <Data extends { subarray(start: number, end: number): Data }>(
        data: Data,
        size = area,
      ): Data => data.subarray(first * size, last * size);
      const [a, b] = [part(answer), part(truth)];
      const brain = pixelScores(a, b, part(regions.brain));
      if (brain === null) return null;
      const region = (name: 'tumour' | 'ring'): Scores | null => {
        const found = inner.find((one) => one.name === name);
        if (!found) return null;
        const mask = part(found.mask);
        const pixels = pixelScores(a, b, mask);
        if (pixels === null) return null;
        const gradients = poolInside(part(maps.gradients, halfArea), part(found.half, halfArea));
        return ordered({
          ...pixels,
          ssim: poolInside(part(maps.ssim), mask).mean!,
          gmsm: gradients.mean,
          gmsd: gradients.deviation,
          msSsim: null,
          ssimUniform: maps.uniform ? poolInside(part(maps.uniform), mask).mean : null,
        });
      };
      return {
        brain: ordered({ ...brain, ...meanWhole(whole.slice(first, last)) }),
        tumour: region('tumour'),
        ring: region('ring'),
      };
    };
    return {
      volume: scoresOf(0, count)!,
      slices: Array.from({ length: count }, (_, k) => scoresOf(k, k + 1)),
    };
  };
}

type WholeSlice = Pick<Scores, 'ssim' | 'gmsm' | 'gmsd' | 'msSsim' | 'ssimUniform'>;

function meanWhole(slices: readonly WholeSlice[]): WholeSlice {
  const mean = (key: keyof WholeSlice): number | null =>
    slices.some((one) => one[key] === null)
      ? null
      : slices.reduce((sum, one) => sum + one[key]!, 0) / slices.length;
  return {
    ssim: mean('ssim')!,
    gmsm: mean('gmsm'),
    gmsd: mean('gmsd'),
    msSsim: mean('msSsim'),
    ssimUniform: mean('ssimUniform'),
  };
}

/** Measures that are pooled over pixels; null of none. */
function pixelScores(
  answer: Float32Array,
  truth: Float32Array,
  mask: Uint8Array,
): Pick<Scores, 'psnr' | 'mae' | 'nmse' | 'nmi'> | null {
  const errors = createIntensityErrors();
  errors.add(answer, truth, mask);
  const count = errors.count();
  if (count === 0) return null;
  let squares = 0;
  for (let i = 0; i < truth.length; i++) if (mask[i]) squares += truth[i]! ** 2;
  return {
    psnr: Math.min(highestPsnr, psnrOf(errors.meanSquared(), 1)),
    mae: errors.meanAbsolute(),
    nmse: squares === 0 ? null : (errors.meanSquared() * count) / squares,
    nmi: count < leastPixelsForMutual ? null : mutualInside(answer, truth, mask),
  };
}

/** Null where both images are constant: they have no information to share. */
function mutualInside(answer: Float32Array, truth: Float32Array, mask: Uint8Array): number | null {
  const varies = (image: Float32Array): boolean => {
    const first = image[mask.indexOf(1)];
    return image.some((value, i) => mask[i] === 1 && value !== first);
  };
  return varies(answer) || varies(truth) ? normalisedMutualInformation(answer, truth, bins, mask) : null;
}

function cut(data: Float32Array, k: number, area: number): Float32Array {
  return data.subarray(k * area, (k + 1) * area);
}

/** The measures in the order of tables, so that files read alike. */
function ordered(scores: Scores): Scores {
  return Object.fromEntries(measureNames.map((name) => [name, scores[name]])) as unknown as Scores;
}

/** Mean of some scores, each measure over those that have it; null of none. */
export function meanScores(scores: readonly Scores[]): Scores | null {
  if (scores.length === 0) return null;
  const mean = (name: MeasureName): number | null => {
    const known = scores.flatMap((one) => one[name] ?? []);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return Object.fromEntries(measureNames.map((name) => [name, mean(name)])) as unknown as Scores;
}

/** Mean of the brain's scores, and of tumour's and ring's over those that have one; null of none. */
export function meanRegions(all: readonly RegionScores[]): RegionScores | null {
  const brain = meanScores(all.map((one) => one.brain));
  const over = (region: RegionName) => meanScores(all.flatMap((one) => one[region] ?? []));
  return brain && { brain, tumour: over('tumour'), ring: over('ring') };
}
