import { fail } from '../base/errors.js';
import { requireComparable, requireValueRange } from './region.js';
import { createSsim } from './ssim.js';

/** Exponents of the five scales, finest first; they sum to 1 but for rounding. @source Wang et al. 2003. */
const scaleWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333] as const;

/** Least height and width: 11 pixels, the window, must remain at the coarsest scale. */
export const smallestMultiScaleSide = 11 * 2 ** (scaleWeights.length - 1);

/**
 * Multi-scale structural similarity of two slices [H, W]; 0 to 1, 1 for equal slices:
 * `cs1^.0448 · cs2^.2856 · cs3^.3001 · cs4^.2363 · ssim5^.1333`.
 *
 * cs is the mean of contrast and structure, ssim the mean of SSIM, both with the Gaussian window (σ 1.5, 11 pixels)
 * without the border that it does not fill. Each scale halves the one before by the means of 2×2 pixels; an odd
 * last row or column is dropped. A negative mean has no such power: it counts as 0, and so does the whole.
 *
 * @param first [H, W], at least 176×176
 * @param second [H, W]
 * @param valueRange largest minus smallest possible value: 1 for images on [0, 1], 2 on [−1, 1]
 * @throws UtadError bad-argument, bad-shape or bad-value.
 * @source Wang, Simoncelli and Bovik 2003, with the authors' program `ssim_mscale_new.m`, method `product`; 0 for
 * negative means as in TensorFlow's `ssim_multiscale`.
 */
export function multiScaleSsim(
  first: Float32Array,
  second: Float32Array,
  height: number,
  width: number,
  valueRange: number,
): number {
  requireValueRange('multi-scale SSIM', valueRange);
  if (!(Math.min(height, width) >= smallestMultiScaleSide)) {
    fail('bad-shape', {
      where: 'multi-scale SSIM',
      expected: `slices of at least ${smallestMultiScaleSide}×${smallestMultiScaleSide} pixels`,
      got: `${height}×${width}`,
      todo: 'Compare at a higher resolution, or use SSIM; slices must not be enlarged for this.',
    });
  }
  requireComparable('multi-scale SSIM', first, second, height * width);
  let scaled = { first, second, height, width };
  let product = 1;
  scaleWeights.forEach((weight, scale) => {
    const similarity = createSsim(scaled.height, scaled.width, { valueRange });
    const last = scale === scaleWeights.length - 1;
    const map = (last ? similarity.map : similarity.contrastStructureMap)(scaled.first, scaled.second);
    product *= Math.max(0, similarity.mean(map)) ** weight;
    if (last) return;
    scaled = {
      first: halve(scaled.first, scaled.height, scaled.width),
      second: halve(scaled.second, scaled.height, scaled.width),
      height: Math.floor(scaled.height / 2),
      width: Math.floor(scaled.width / 2),
    };
  });
  return product;
}

/** Means of 2×2 pixels, [⌊H/2⌋, ⌊W/2⌋]. */
function halve(image: Float32Array, height: number, width: number): Float32Array {
  const [rows, columns] = [Math.floor(height / 2), Math.floor(width / 2)];
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const corner = 2 * row * width + 2 * column;
      const above = image[corner]! + image[corner + 1]!;
      const below = image[corner + width]! + image[corner + width + 1]!;
      out[row * columns + column] = (above + below) / 4;
    }
  }
  return out;
}
