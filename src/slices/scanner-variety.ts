import type { Random } from '../base/random.js';
import { regradeBrain } from './regrade.js';
import type { StoredSlice } from './slice-store.js';

/** How far slices are disturbed at random as other scanners would disturb them: what is seen changes, not what is true. */
export interface ScannerVariety {
  /** Intensities v on [0, 1] are multiplied by a smooth field between 1/(1 + biasField) and 1 + biasField. */
  readonly biasField: number;
  /** Intensities v on [0, 1] become v^γ with γ between 1/(1 + sourceGamma) and 1 + sourceGamma. */
  readonly sourceGamma: number;
}

/** All slices as if of one scanner. */
export const sameScanner: ScannerVariety = { biasField: 0, sourceGamma: 0 };

/** What a scanner does to one slice. */
export interface Scanner {
  /** Logarithm of the bias field where it is farthest from 0; never negative. */
  readonly strength: number;
  /** Weights of the field's polynomials, in the order of `degrees`. */
  readonly coefficients: readonly number[];
  readonly gamma: number;
}

/** Degrees of the field's polynomials along columns and rows: at most 3 in all. A constant is a gain and no field. */
const degrees = [0, 1, 2, 3].flatMap((column) =>
  [0, 1, 2, 3].filter((row) => column + row >= 1 && column + row <= 3).map((row) => ({ column, row })),
);

/** Whether any slice is disturbed. */
export function disturbs({ biasField, sourceGamma }: ScannerVariety): boolean {
  return biasField > 0 || sourceGamma > 0;
}

/** Draws a scanner; options that are off draw as well, so that one does not change another. */
export function drawScanner(random: Random, { biasField, sourceGamma }: ScannerVariety): Scanner {
  const either = (): number => 2 * random.uniform() - 1;
  return {
    strength: Math.log1p(biasField) * random.uniform(),
    coefficients: degrees.map(either),
    gamma: Math.exp(Math.log1p(sourceGamma) * either()),
  };
}

/**
 * A slice as another scanner would have made it, [S, S]: v becomes min(1, field · v^γ) in the brain, which stays above the
 * background; the background stays −1.
 *
 * The field is e^p, p a polynomial of degree 3 at most in the place on the slice, with mean 0 over the brain and
 * |p| = strength where it is largest.
 *
 * @source Bias fields as polynomials: Van Leemput et al., Automated model-based bias field correction of MR images of the
 *   brain, IEEE TMI 1999.
 */
export function scan(
  slice: Pick<StoredSlice, 'image' | 'brain'>,
  side: number,
  scanner: Scanner,
): Float32Array {
  if (scanner.strength === 0 && scanner.gamma === 1) return slice.image;
  const field = fieldIn(slice.brain, side, scanner);
  return regradeBrain(slice, scanner.gamma, (i) => Math.exp(field[i]!));
}

/** Logarithm of the field in the brain, 0 elsewhere. */
function fieldIn(brain: Uint8Array, side: number, { strength, coefficients }: Scanner): Float64Array {
  const field = new Float64Array(brain.length);
  if (strength === 0) return field;
  const along = Array.from({ length: side }, (_, i) => legendre((2 * i + 1) / side - 1));
  let [sum, count] = [0, 0];
  brain.forEach((inside, i) => {
    if (inside === 0) return;
    const [right, down] = [along[i % side]!, along[Math.floor(i / side)]!];
    field[i] = degrees.reduce(
      (value, { column, row }, k) => value + coefficients[k]! * right[column]! * down[row]!,
      0,
    );
    sum += field[i]!;
    count++;
  });
  let largest = 0;
  brain.forEach((inside, i) => {
    if (inside === 0) return;
    field[i]! -= sum / count;
    largest = Math.max(largest, Math.abs(field[i]!));
  });
  // A brain of one pixel, or none, has no field.
  return largest === 0 ? field : field.map((value) => (strength * value) / largest);
}

/** Legendre's polynomials of degree 0 to 3 at x in [−1, 1]. */
function legendre(x: number): readonly [number, number, number, number] {
  return [1, x, (3 * x ** 2 - 1) / 2, (5 * x ** 3 - 3 * x) / 2];
}
