/** First and second moments of two images inside a mask. */
interface JointMoments {
  readonly count: number;
  readonly meanFirst: number;
  readonly meanSecond: number;
  /** Means of squared deviations, and of the product of deviations; exactly 0 where an image is constant. */
  readonly varianceFirst: number;
  readonly varianceSecond: number;
  readonly covariance: number;
}

/**
 * Means, variances (divided by the number of pixels) and covariance of two images inside a mask.
 *
 * @param first any shape
 * @param second same shape
 * @param mask same shape, not 0 inside
 * @returns NaN for all moments of an empty mask
 */
export function jointMoments(first: Float32Array, second: Float32Array, mask: Uint8Array): JointMoments {
  let [count, sumFirst, sumSecond] = [0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    count++;
    sumFirst += first[i]!;
    sumSecond += second[i]!;
  }
  const [meanFirst, meanSecond] = [sumFirst / count, sumSecond / count];
  let [ab, aa, bb] = [0, 0, 0];
  const at = mask.findIndex((inside) => inside !== 0);
  let [variesFirst, variesSecond] = [false, false];
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    variesFirst ||= first[i] !== first[at];
    variesSecond ||= second[i] !== second[at];
    const [a, b] = [first[i]! - meanFirst, second[i]! - meanSecond];
    ab += a * b;
    aa += a * a;
    bb += b * b;
  }
  // The mean of equal values is rounded, and their deviations from it would not be 0.
  return {
    count,
    meanFirst,
    meanSecond,
    varianceFirst: variesFirst || count === 0 ? aa / count : 0,
    varianceSecond: variesSecond || count === 0 ? bb / count : 0,
    covariance: (variesFirst && variesSecond) || count === 0 ? ab / count : 0,
  };
}

/**
 * Pearson's correlation of two images inside a mask, −1 to 1; null where one of them is constant there.
 *
 * @param first any shape
 * @param second same shape
 * @param mask same shape, not 0 inside
 * @source numpy.corrcoef
 */
export function pearsonCorrelation(
  first: Float32Array,
  second: Float32Array,
  mask: Uint8Array,
): number | null {
  const { varianceFirst, varianceSecond, covariance } = jointMoments(first, second, mask);
  if (!(varianceFirst > 0 && varianceSecond > 0)) return null;
  return Math.min(1, Math.max(-1, covariance / Math.sqrt(varianceFirst * varianceSecond)));
}

/** A change of an image's brightness and contrast: gain · value + offset. */
export interface LinearFit {
  readonly gain: number;
  readonly offset: number;
}

/**
 * The gain (0 or more) and the offset that bring an image nearest to the truth inside a mask by least squares.
 *
 * A gain below 0 would turn a negative into a likeness: where it would fit best, and for a constant image, the gain is 0,
 * and what remains is the mean of the truth.
 *
 * @param image any shape
 * @param truth same shape
 * @param mask same shape, not 0 inside; not empty
 */
export function fitBrightness(image: Float32Array, truth: Float32Array, mask: Uint8Array): LinearFit {
  const { meanFirst, meanSecond, varianceFirst, covariance } = jointMoments(image, truth, mask);
  const gain = varianceFirst > 0 ? Math.max(0, covariance / varianceFirst) : 0;
  return { gain, offset: meanSecond - gain * meanFirst };
}

/** An image with a change of brightness. */
export function withBrightness(image: Float32Array, { gain, offset }: LinearFit): Float32Array {
  return image.map((value) => gain * value + offset);
}
