import { fail } from '../base/errors.js';
import { requireComparable, requireValueRange } from './region.js';

/** Errors of intensities pooled over pixels, slice after slice. */
export interface IntensityErrors {
  /** Adds the pixels of two images; with a mask only those where it is 1. */
  readonly add: (first: Float32Array, second: Float32Array, mask?: Uint8Array) => void;
  /** Number of pixels added. */
  readonly count: () => number;
  /** Mean absolute error; NaN when no pixel was added. */
  readonly meanAbsolute: () => number;
  /** Mean squared error; NaN when no pixel was added. */
  readonly meanSquared: () => number;
}

/** Starts a sum of errors over no pixels. */
export function createIntensityErrors(): IntensityErrors {
  let count = 0;
  let absolute = 0;
  let squared = 0;
  return {
    add: (first, second, mask) => {
      requireComparable('intensity errors', first, second, first.length);
      if (mask && mask.length !== first.length) {
        fail('bad-shape', { where: 'mask', expected: `${first.length} pixels`, got: `${mask.length}` });
      }
      for (let i = 0; i < first.length; i++) {
        if (mask && !mask[i]) continue;
        const difference = first[i]! - second[i]!;
        absolute += Math.abs(difference);
        squared += difference * difference;
        count++;
      }
    },
    count: () => count,
    meanAbsolute: () => absolute / count,
    meanSquared: () => squared / count,
  };
}

/**
 * Mean absolute error of two images, in their unit; with a mask over its pixels, NaN when it is empty.
 *
 * @throws UtadError bad-shape or bad-value.
 */
export function meanAbsoluteError(first: Float32Array, second: Float32Array, mask?: Uint8Array): number {
  const errors = createIntensityErrors();
  errors.add(first, second, mask);
  return errors.meanAbsolute();
}

/**
 * Peak signal-to-noise ratio in decibels, `10 log10(R² / MSE)`; Infinity for equal images.
 *
 * @param valueRange R: 1 for images on [0, 1], 2 on [−1, 1]
 * @throws UtadError bad-argument, bad-shape or bad-value.
 */
export function psnr(
  first: Float32Array,
  second: Float32Array,
  valueRange: number,
  mask?: Uint8Array,
): number {
  const errors = createIntensityErrors();
  errors.add(first, second, mask);
  return psnrOf(errors.meanSquared(), valueRange);
}

/** Peak signal-to-noise ratio in decibels of a mean squared error; see {@link psnr}. */
export function psnrOf(meanSquared: number, valueRange: number): number {
  requireValueRange('PSNR', valueRange);
  return 10 * Math.log10((valueRange * valueRange) / meanSquared);
}
