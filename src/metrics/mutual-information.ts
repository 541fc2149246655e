import { fail } from '../base/errors.js';
import { requireComparable, requireSameMask } from './region.js';

/**
 * Normalised mutual information of two images, `(H(first) + H(second)) / H(first, second)`; 1 (independent) to 2 (each
 * follows from the other), the same for either order.
 *
 * Entropies are of a joint histogram whose bins divide each image's own span, least to largest value, evenly: any
 * rising or falling linear change of an image leaves it alone.
 *
 * @param first any shape
 * @param second same shape
 * @param bins along each image, 2 or more; few pixels in many bins make independent images look related
 * @param mask same shape, not 0 inside; all pixels without it
 * @throws UtadError bad-argument, bad-shape, or bad-value for values that are not finite, an empty mask or two
 * constant images.
 * @source Studholme, Hill and Hawkes 1999; scikit-image `normalized_mutual_information`.
 */
export function normalisedMutualInformation(
  first: Float32Array,
  second: Float32Array,
  bins: number,
  mask?: Uint8Array,
): number {
  const where = 'normalised mutual information';
  if (!(Number.isInteger(bins) && bins >= 2 && bins <= 4096)) {
    fail('bad-argument', { where, expected: 'a whole number of bins, 2 to 4096', got: String(bins) });
  }
  requireComparable(where, first, second, first.length);
  if (mask) requireSameMask(where, mask, first.length);
  const a = mask ? valuesInside(first, mask) : first;
  const b = mask ? valuesInside(second, mask) : second;
  if (a.length === 0) fail('bad-value', { where, expected: 'some pixels', got: 'none' });
  const [binOfA, binOfB] = [binning(a, bins), binning(b, bins)];
  const joint = new Float64Array(bins * bins);
  const ofFirst = new Float64Array(bins);
  const ofSecond = new Float64Array(bins);
  for (let i = 0; i < a.length; i++) {
    const [row, column] = [binOfA(a[i]!), binOfB(b[i]!)];
    joint[row * bins + column]! += 1;
    ofFirst[row]! += 1;
    ofSecond[column]! += 1;
  }
  const together = entropy(joint, a.length);
  if (together === 0) {
    fail('bad-value', { where, expected: 'an image with two values', got: 'two constant images' });
  }
  return (entropy(ofFirst, a.length) + entropy(ofSecond, a.length)) / together;
}

/** A plain loop: images have hundreds of thousands of pixels, and this is done for many of them. */
function valuesInside(values: Float32Array, mask: Uint8Array): Float32Array {
  const inside = new Float32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (mask[i]) inside[count++] = values[i]!;
  return inside.subarray(0, count);
}

/** Which of equal bins between the least and the largest value holds a value; each holds its lower edge, the last both. */
function binning(values: Float32Array, bins: number): (value: number) => number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low === high) return () => 0;
  const step = (high - low) / bins;
  const edges = Float64Array.from({ length: bins + 1 }, (_, bin) => (bin === bins ? high : low + bin * step));
  return (value) => {
    const bin = Math.min(bins - 1, Math.floor((value - low) / step));
    // The quotient's rounding may cross an edge, which numpy compares directly.
    if (value < edges[bin]!) return bin - 1;
    return bin < bins - 1 && value >= edges[bin + 1]! ? bin + 1 : bin;
  };
}

function entropy(counts: Float64Array, total: number): number {
  let sum = 0;
  for (const count of counts) if (count > 0) sum -= (count / total) * Math.log(count / total);
  return sum;
}
