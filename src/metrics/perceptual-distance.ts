import { fail } from '../base/errors.js';

/**
 * Perceptual distance of one layer's features: both normalised to length 1 at every place, squared differences summed
 * over channels, mean over places; 0 for equal features, at most 4 (2 where no feature is negative).
 *
 * This is LPIPS without its learnt weights: the sum over layers is what its program calls `baseline`.
 *
 * @param first [C, P]
 * @param second [C, P]
 * @throws UtadError bad-shape.
 * @source Zhang et al. 2018, equation 1 with w = 1; ε 1e-10 as in the authors' program.
 */
export function perceptualDistance(first: Float32Array, second: Float32Array, channels: number): number {
  const places = first.length / channels;
  if (!(Number.isInteger(places) && places > 0 && second.length === first.length)) {
    fail('bad-shape', {
      where: 'perceptual distance',
      expected: `two layers of ${channels} channels and as many places`,
      got: `${first.length} and ${second.length} values`,
    });
  }
  const squaresOf = (layer: Float32Array): Float64Array => {
    const squares = new Float64Array(places);
    for (let i = 0; i < layer.length; i++) squares[i % places]! += layer[i]! ** 2;
    return squares;
  };
  const [squaresFirst, squaresSecond] = [squaresOf(first), squaresOf(second)];
  let sum = 0;
  for (let i = 0; i < first.length; i++) {
    const place = i % places;
    const a = first[i]! / (Math.sqrt(squaresFirst[place]!) + epsilon);
    const b = second[i]! / (Math.sqrt(squaresSecond[place]!) + epsilon);
    sum += (a - b) ** 2;
  }
  return sum / places;
}

const epsilon = 1e-10;
