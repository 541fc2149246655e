import { fail } from '../base/errors.js';
import { requireComparable, requireValueRange } from './region.js';

/** How alike two slices' edges are. */
interface GradientSimilarity {
  /** Similarity of the gradients' magnitudes at half resolution, [⌈H/2⌉, ⌈W/2⌉], each above 0, at most 1. */
  readonly map: Float64Array;
  /** Mean of the map (GMSM), 0 to 1; 1 for equal slices. */
  readonly mean: number;
  /** Standard deviation of the map (GMSD), divided by its pixels less one; 0 for equal slices, at most about 0.5. */
  readonly deviation: number;
}

/** The constant for images on [0, 1]: 170 on the published scale 0 to 255, so 170 / 255² ≈ 0.002614. */
const constantForUnitRange = 170 / 255 ** 2;

/**
 * Gradient-magnitude similarity of two slices, `(2 g1 g2 + c) / (g1² + g2² + c)`, c = 170/255² · R².
 *
 * Slices are halved by the means of 2×2 pixels; g is the length of the Prewitt gradient (weights of ±1/3). Beyond the
 * edge both take 0, so the background should be 0: for images on [0, R], not [−1, 1].
 *
 * @param first [H, W] on [0, R], at least 2×2 and 3 pixels somewhere
 * @param second [H, W] on [0, R]
 * @param valueRange R, 1 for images on [0, 1]
 * @throws UtadError bad-argument, bad-shape or bad-value.
 * @source Xue, Zhang, Mou and Bovik 2014, with the authors' program `GMSD.m`.
 */
export function gradientSimilarity(
  first: Float32Array,
  second: Float32Array,
  height: number,
  width: number,
  valueRange: number,
): GradientSimilarity {
  const where = 'gradient similarity';
  requireValueRange(where, valueRange);
  if (!(Math.min(height, width) >= 2 && Math.max(height, width) >= 3)) {
    fail('bad-shape', { where, expected: 'slices of at least 2×3 pixels', got: `${height}×${width}` });
  }
  requireComparable(where, first, second, height * width);
  const constant = constantForUnitRange * valueRange ** 2;
  const [a, b] = [first, second].map((image) => squaredGradients(image, height, width)) as [
    Float64Array,
    Float64Array,
  ];
  const map = a.map((g1, i) => {
    const g2 = b[i]!;
    return (2 * Math.sqrt(g1 * g2) + constant) / (g1 + g2 + constant);
  });
  const mean = map.reduce((sum, value) => sum + value, 0) / map.length;
  const squares = map.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { map, mean, deviation: Math.sqrt(squares / (map.length - 1)) };
}

/** Squared length of the Prewitt gradient of the halved image, [⌈H/2⌉, ⌈W/2⌉]. */
function squaredGradients(image: Float32Array, height: number, width: number): Float64Array {
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  // A border of zeros, one pixel wide: [rows + 2, columns + 2].
  const stride = columns + 2;
  const padded = new Float64Array((rows + 2) * stride);
  const at = (row: number, column: number) =>
    row < height && column < width ? image[row * width + column]! : 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [y, x] = [2 * row, 2 * column];
      padded[(row + 1) * stride + column + 1] =
        (at(y, x) + at(y, x + 1) + at(y + 1, x) + at(y + 1, x + 1)) / 4;
    }
  }
  const out = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const above = row * stride + column;
      const here = above + stride;
      const below = here + stride;
      const left = padded[above]! + padded[here]! + padded[below]!;
      const right = padded[above + 2]! + padded[here + 2]! + padded[below + 2]!;
      const up = padded[above]! + padded[above + 1]! + padded[above + 2]!;
      const down = padded[below]! + padded[below + 1]! + padded[below + 2]!;
      out[row * columns + column] = ((left - right) ** 2 + (up - down) ** 2) / 9;
    }
  }
  return out;
}
