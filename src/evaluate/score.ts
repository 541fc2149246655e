import { createIntensityErrors, psnrOf } from '../metrics/intensity-errors.js';
import { sumInside } from '../metrics/region.js';
import type { Ssim } from '../metrics/ssim.js';

/** How near an answer is to the truth, on intensities of [0, 1]. */
export interface Scores {
  /** Structural similarity, at most 1. */
  readonly ssim: number;
  /** Decibels, at most {@link highestPsnr}. */
  readonly psnr: number;
  /** Mean absolute error, 0 to 1. */
  readonly mae: number;
}

/** Scores of one answer in the whole brain and in the tumour; null where there is no tumour. */
export interface RegionScores {
  readonly brain: Scores;
  readonly tumour: Scores | null;
}

/** What PSNR is reported as when it is higher, and for equal images, where it is infinite (JSON has no Infinity). */
export const highestPsnr = 100;

/**
 * Scores an answer slice by slice.
 *
 * Brain: SSIM is the mean over slices of the whole slice's mean; MAE and PSNR are pooled over the brain's pixels.
 * Tumour: the mean of the SSIM map, MAE and PSNR over the pixels of all slices inside the mask.
 *
 * @param similarity for slices of S × S, value range 1
 * @param answer [n, S, S] on [0, 1]
 * @param truth [n, S, S] on [0, 1]
 * @param brain [n, S, S], 1 inside
 * @param tumour [n, S, S], 1 inside
 * @throws UtadError bad-shape or bad-value.
 */
export function scoreSlices(
  similarity: Ssim,
  answer: Float32Array,
  truth: Float32Array,
  brain: Uint8Array,
  tumour: Uint8Array | undefined,
  area: number,
): RegionScores {
  const brainErrors = createIntensityErrors();
  const tumourErrors = createIntensityErrors();
  const slices = truth.length / area;
  let ssimSum = 0;
  let tumourSum = 0;
  for (let start = 0; start < truth.length; start += area) {
    const part = <Data extends Float32Array | Uint8Array>(data: Data): Data =>
      data.subarray(start, start + area) as Data;
    const [a, b] = [part(answer), part(truth)];
    const map = similarity.map(a, b);
    ssimSum += similarity.mean(map);
    brainErrors.add(a, b, part(brain));
    if (tumour) {
      tumourErrors.add(a, b, part(tumour));
      tumourSum += sumInside(map, part(tumour)).sum;
    }
  }
  const errorScores = (errors: typeof brainErrors) => ({
    psnr: Math.min(highestPsnr, psnrOf(errors.meanSquared(), 1)),
    mae: errors.meanAbsolute(),
  });
  return {
    brain: { ssim: ssimSum / slices, ...errorScores(brainErrors) },
    tumour:
      tumourErrors.count() === 0
        ? null
        : { ssim: tumourSum / tumourErrors.count(), ...errorScores(tumourErrors) },
  };
}

/** Mean of some scores, each measure for itself; null of none. */
export function meanScores(scores: readonly Scores[]): Scores | null {
  if (scores.length === 0) return null;
  const mean = (key: keyof Scores) => scores.reduce((sum, one) => sum + one[key], 0) / scores.length;
  return { ssim: mean('ssim'), psnr: mean('psnr'), mae: mean('mae') };
}

/** Mean of the brain's scores, and of the tumour's over those that have one; null of none. */
export function meanRegions(
  all: readonly RegionScores[],
): { readonly brain: Scores; readonly tumour: Scores | null } | null {
  const brain = meanScores(all.map((one) => one.brain));
  return brain && { brain, tumour: meanScores(all.flatMap(({ tumour }) => (tumour ? [tumour] : []))) };
}
