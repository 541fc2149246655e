import { fail } from '../base/errors.js';
import { requireComparable, requireSameMask } from './region.js';

/**
 * Normalised squared error, `Σ (answer − truth)² / Σ truth²`; 0 for equal images, 1 for an answer of zeros, no bound.
 *
 * It depends on where 0 lies: for images on [0, 1], not [−1, 1].
 *
 * @param answer any shape
 * @param truth same shape
 * @param mask same shape, not 0 inside; all pixels without it
 * @throws UtadError bad-shape, or bad-value for values that are not finite, an empty mask or a truth of zeros.
 * @source fastMRI (Zbontar et al. 2018) `nmse`; the square of scikit-image's `normalized_root_mse`, `euclidean`.
 */
export function normalisedSquaredError(answer: Float32Array, truth: Float32Array, mask?: Uint8Array): number {
  const where = 'normalised squared error';
  requireComparable(where, answer, truth, truth.length);
  if (mask) requireSameMask(where, mask, truth.length);
  let errors = 0;
  let squares = 0;
  for (let i = 0; i < truth.length; i++) {
    if (mask && !mask[i]) continue;
    errors += (answer[i]! - truth[i]!) ** 2;
    squares += truth[i]! ** 2;
  }
  if (squares === 0) {
    fail('bad-value', { where, expected: 'a truth that is not 0 everywhere', got: 'zeros or no pixels' });
  }
  return errors / squares;
}
