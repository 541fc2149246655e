import { fail } from '../base/errors.js';
import { requireComparable, requireValueRange } from './region.js';

/** Constants of the publication, for images on [0, 255]. */
const c = 30;
const alpha = 4.2;

/**
 * Haar wavelet-based perceptual similarity of two slices (HaarPSI), above 0 to 1; 1 for equal slices, and for slices without any
 * structure at all.
 *
 * Both slices are halved by means of 2×2 pixels. At every pixel and for both directions the similarity of the Haar responses
 * of the two finest of three scales, `(2ab + C) / (a² + b² + C)`, counts by the larger response of the third: background, where both are
 * 0, does not count at all.
 *
 * @param first [H, W] on [0, R], background 0
 * @param second [H, W] on [0, R]
 * @param valueRange R, 1 for images on [0, 1]
 * @throws UtadError bad-argument, bad-shape or bad-value.
 * @source Reisenhofer, Bosse, Kutyniok and Wiegand 2018, equations 6 to 12, C = 30, α = 4.2, with the halving of the authors' program.
 */
export function haarPsi(
  first: Float32Array,
  second: Float32Array,
  height: number,
  width: number,
  valueRange: number,
): number {
  const where = 'HaarPSI';
  requireValueRange(where, valueRange);
  if (!(height >= 2 && width >= 2))
    fail('bad-shape', { where, expected: 'slices of at least 2×2 pixels', got: `${height}×${width}` });
  requireComparable(where, first, second, height * width);
  const scale = 255 / valueRange;
  const a = responsesOf(first, height, width, scale);
  const b = responsesOf(second, height, width, scale);
  let [weighted, weights] = [0, 0];
  for (const direction of [0, 1] as const) {
    const [fineA, middleA, coarseA] = a[direction];
    const [fineB, middleB, coarseB] = b[direction];
    for (let i = 0; i < coarseA.length; i++) {
      const weight = Math.max(coarseA[i]!, coarseB[i]!);
      if (weight === 0) continue;
      const likeness = (likenessOf(fineA[i]!, fineB[i]!) + likenessOf(middleA[i]!, middleB[i]!)) / 2;
      weighted += weight / (1 + Math.exp(-alpha * likeness));
      weights += weight;
    }
  }
  if (weights === 0) return 1;
  const mean = weighted / weights;
  // Of equal slices, sums are rounded: the mean may be a hair above the greatest value.
  return Math.min(1, (Math.log(mean / (1 - mean)) / alpha) ** 2);
}

function likenessOf(a: number, b: number): number {
  return (2 * a * b + c) / (a * a + b * b + c);
}

/** Absolute responses of the three scales, finest first. */
type Responses = readonly [Float64Array, Float64Array, Float64Array];

/** Of the halved slice, down and across. */
function responsesOf(
  image: Float32Array,
  height: number,
  width: number,
  scale: number,
): readonly [Responses, Responses] {
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  // Sums over rectangles that begin at the corner: [rows + 1, columns + 1].
  const stride = columns + 1;
  const sums = new Float64Array((rows + 1) * stride);
  const at = (row: number, column: number): number =>
    row < height && column < width ? image[row * width + column]! : 0;
  for (let row = 0; row < rows; row++) {
    let line = 0;
    for (let column = 0; column < columns; column++) {
      const [y, x] = [2 * row, 2 * column];
      line += (scale * (at(y, x) + at(y, x + 1) + at(y + 1, x) + at(y + 1, x + 1))) / 4;
      sums[(row + 1) * stride + column + 1] = sums[row * stride + column + 1]! + line;
    }
  }
  const responseOf = (direction: 'down' | 'across', level: number): Float64Array => {
    const half = 2 ** (level - 1);
    const [down, across] = [windowEdges(rows, half), windowEdges(columns, half)];
    const out = new Float64Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      // Edges of the window as places in the sums: its begin, middle and end.
      const [t, m, b] = [down[row]! * stride, down[row + half]! * stride, down[row + 2 * half]! * stride];
      for (let column = 0; column < columns; column++) {
        const [l, c, r] = [across[column]!, across[column + half]!, across[column + 2 * half]!];
        const whole = sums[b + r]! - sums[t + r]! - sums[b + l]! + sums[t + l]!;
        const first =
          direction === 'down'
            ? sums[m + r]! - sums[t + r]! - sums[m + l]! + sums[t + l]!
            : sums[b + c]! - sums[t + c]! - sums[b + l]! + sums[t + l]!;
        const response = Math.abs(2 * first - whole) / (2 * half);
        // What is left of equal sums is rounding.
        out[row * columns + column] = response < 1e-9 ? 0 : response;
      }
    }
    return out;
  };
  const of = (direction: 'down' | 'across'): Responses => [
    responseOf(direction, 1),
    responseOf(direction, 2),
    responseOf(direction, 3),
  ];
  return [of('down'), of('across')];
}

/** Where windows of 2 · half begin, `half − 1` before each pixel, and the places up to the end of the last one, within the image. */
function windowEdges(size: number, half: number): Int32Array {
  return Int32Array.from({ length: size + 2 * half }, (_, i) => Math.min(size, Math.max(0, i - half + 1)));
}
