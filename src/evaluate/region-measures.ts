import type { IntensityErrors } from '../metrics/intensity-errors.js';
import { jointMoments } from '../metrics/linear-fit.js';
import type { RegionName } from './regions.js';

/** Pixels of a region that a measure is pooled over, images on [0, 1]. */
export interface RegionPixels {
  readonly region: RegionName;
  readonly prediction: Float32Array;
  readonly truth: Float32Array;
  /** 1 inside; not empty. */
  readonly mask: Uint8Array;
  /** Errors over these pixels. */
  readonly errors: IntensityErrors;
  /** Errors after the gain and offset that bring the prediction nearest to the truth in the brain of all evaluated slices. */
  readonly fittedErrors: IntensityErrors;
  /** 1 in the brain, of which the region is a part. */
  readonly brain: Uint8Array;
  /** Absolute Laplacians, 0 outside the brain's interior. */
  readonly laplacians: { readonly prediction: Float32Array; readonly truth: Float32Array };
  /** 1 in the brain's interior. */
  readonly interior: Uint8Array;
}

/** A tumour that differs less than this from the brain around it, on [0, 1], is not seen in the truth either. */
const leastTumourContrast = 0.1;

/** Standard deviation, of the truth's; null where the truth is constant. */
export function contrastOf({ prediction, truth, mask }: RegionPixels): number | null {
  const { varianceFirst, varianceSecond } = jointMoments(prediction, truth, mask);
  return varianceSecond > 0 ? Math.sqrt(varianceFirst / varianceSecond) : null;
}

/** Mean absolute Laplacian, of the truth's; null where no pixel is in the brain's interior, and where the truth has none. */
export function detailOf({ laplacians, mask, interior }: RegionPixels): number | null {
  let [own, real] = [0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i] || !interior[i]) continue;
    own += laplacians.prediction[i]!;
    real += laplacians.truth[i]!;
  }
  return real > 0 ? own / real : null;
}

/** Mean in the tumour less mean in the brain outside it, of the truth's; null for other regions, and where the truth has hardly any. */
export function tumourContrastOf({ region, prediction, truth, mask, brain }: RegionPixels): number | null {
  if (region !== 'tumour') return null;
  let [inside, outside] = [0, 0];
  const sums = { prediction: [0, 0] as [number, number], truth: [0, 0] as [number, number] };
  for (let i = 0; i < mask.length; i++) {
    if (mask[i]) {
      inside++;
      sums.prediction[0] += prediction[i]!;
      sums.truth[0] += truth[i]!;
    } else if (brain[i]) {
      outside++;
      sums.prediction[1] += prediction[i]!;
      sums.truth[1] += truth[i]!;
    }
  }
  if (outside === 0) return null;
  const contrast = ([tumour, rest]: readonly [number, number]): number => tumour / inside - rest / outside;
  const real = contrast(sums.truth);
  // A constant over a negative truth would be −0.
  return Math.abs(real) < leastTumourContrast ? null : contrast(sums.prediction) / real + 0;
}

/** Whether an image has one value only inside a mask. */
export function isConstant(image: Float32Array, mask: Uint8Array): boolean {
  const first = image[mask.indexOf(1)];
  return !image.some((value, i) => mask[i] === 1 && value !== first);
}
