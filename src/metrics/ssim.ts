import { fail } from '../base/errors.js';
import { requireComparable, requireValueRange } from './region.js';
import { createWindowFilter, gaussianWindow, uniformWindow } from './window-filter.js';

/** How structural similarity is computed. */
interface SsimOptions {
  /** Largest minus smallest possible value: 1 for images on [0, 1], 2 on [−1, 1]. Never guessed. */
  readonly valueRange: number;
  /** `gaussian`: σ 1.5, 11 pixels wide (the default); `uniform`: 7×7 equal weights. */
  readonly window?: 'gaussian' | 'uniform';
  /** Whether (co)variances are divided by the window's pixels less one (scikit-image's default); default false. */
  readonly sampleCovariance?: boolean;
}

/** Structural similarity of slices of one size; holds its scratch memory. */
interface Ssim {
  /** SSIM at every pixel, [H, W]. The array is new in each call. */
  readonly map: (first: Float32Array, second: Float32Array) => Float64Array;
  /** SSIM without its first factor, the likeness of the means: `(2 σxy + c2) / (σx² + σy² + c2)`, [H, W]. */
  readonly contrastStructureMap: (first: Float32Array, second: Float32Array) => Float64Array;
  /** Mean of a map without the border that the window does not fill (5 pixels Gaussian, 3 uniform). */
  readonly mean: (map: Float64Array) => number;
}

/**
 * Prepares structural similarity for slices of one size:
 * `SSIM = (2 μx μy + c1)(2 σxy + c2) / ((μx² + μy² + c1)(σx² + σy² + c2))`, c1 = (0.01 R)², c2 = (0.03 R)².
 *
 * @throws UtadError bad-argument for a missing value range, bad-shape for slices smaller than the window.
 * @source Wang et al. 2004; scikit-image `structural_similarity` with `use_sample_covariance` as said and, for
 * the Gaussian window, `gaussian_weights=True, sigma=1.5` (cut at 3.5 σ).
 */
export function createSsim(height: number, width: number, options: SsimOptions): Ssim {
  requireValueRange('SSIM', options?.valueRange);
  const window = options.window === 'uniform' ? uniformWindow(3) : gaussianWindow(1.5, 3.5);
  const { radius } = window;
  if (Math.min(height, width) < 2 * radius + 1) {
    fail('bad-shape', {
      where: 'SSIM',
      expected: `slices of at least ${2 * radius + 1}×${2 * radius + 1} pixels`,
      got: `${height}×${width}`,
    });
  }
  const size = height * width;
  const c1 = (0.01 * options.valueRange) ** 2;
  const c2 = (0.03 * options.valueRange) ** 2;
  const windowPixels = (2 * radius + 1) ** 2;
  const covarianceScale = options.sampleCovariance ? windowPixels / (windowPixels - 1) : 1;
  const filter = createWindowFilter(height, width, window);
  const meanFirst = new Float64Array(size);
  const meanSecond = new Float64Array(size);
  const meanSquares = new Float64Array(size);
  const meanProduct = new Float64Array(size);

  const mapOf = (first: Float32Array, second: Float32Array, withMeans: boolean): Float64Array => {
    requireComparable('SSIM', first, second, size);
    for (let i = 0; i < size; i++) {
      const x = first[i]!;
      const y = second[i]!;
      meanFirst[i] = x;
      meanSecond[i] = y;
      // The two variances are only needed as their sum.
      meanSquares[i] = x * x + y * y;
      meanProduct[i] = x * y;
    }
    for (const image of [meanFirst, meanSecond, meanSquares, meanProduct]) filter(image);
    const out = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      const product = meanFirst[i]! * meanSecond[i]!;
      const squares = meanFirst[i]! ** 2 + meanSecond[i]! ** 2;
      const covariance = covarianceScale * (meanProduct[i]! - product);
      const variances = covarianceScale * (meanSquares[i]! - squares);
      out[i] = withMeans
        ? ((2 * product + c1) * (2 * covariance + c2)) / ((squares + c1) * (variances + c2))
        : (2 * covariance + c2) / (variances + c2);
    }
    return out;
  };

  const mean = (values: Float64Array): number => {
    let sum = 0;
    for (let row = radius; row < height - radius; row++) {
      for (let column = radius; column < width - radius; column++) sum += values[row * width + column]!;
    }
    return sum / ((height - 2 * radius) * (width - 2 * radius));
  };
  return {
    map: (first, second) => mapOf(first, second, true),
    contrastStructureMap: (first, second) => mapOf(first, second, false),
    mean,
  };
}

/**
 * Mean structural similarity of two slices [H, W]; see {@link createSsim}, which is quicker for many slices.
 *
 * @throws UtadError bad-argument, bad-shape or bad-value.
 */
export function ssim(
  first: Float32Array,
  second: Float32Array,
  height: number,
  width: number,
  options: SsimOptions,
): number {
  const similarity = createSsim(height, width, options);
  return similarity.mean(similarity.map(first, second));
}
