import { type Grid, pointsOf } from './grid.js';

/** Partial derivatives of a field, per millimetre along x, y, z. */
export interface Gradient {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
}

/**
 * Gradient of a field by differences of neighbours.
 *
 * @param halved whether the two halves of the head hold unrelated values: no difference is then taken across x = 0
 */
export function gradientOf(field: Float32Array, grid: Grid, halved = false): Gradient {
  const [ni, nj, nk] = grid.size;
  const plane = ni * nj;
  const [x, y, z] = [
    new Float32Array(pointsOf(grid)),
    new Float32Array(pointsOf(grid)),
    new Float32Array(pointsOf(grid)),
  ];
  // The left half begins at x = 0, the right half ends one point before.
  const middle = Math.round(-grid.originMm[0] / grid.spacingMm);
  let index = 0;
  for (let k = 0; k < nk; k++) {
    const [down, up] = [k > 0 ? 1 : 0, k < nk - 1 ? 1 : 0];
    for (let j = 0; j < nj; j++) {
      const [front, back] = [j > 0 ? 1 : 0, j < nj - 1 ? 1 : 0];
      for (let i = 0; i < ni; i++, index++) {
        const right = i > 0 && !(halved && i === middle) ? 1 : 0;
        const left = i < ni - 1 && !(halved && i === middle - 1) ? 1 : 0;
        x[index] = (field[index + left]! - field[index - right]!) / ((left + right) * grid.spacingMm);
        // j counts backwards, y forwards.
        y[index] =
          (field[index - front * ni]! - field[index + back * ni]!) / ((front + back) * grid.spacingMm);
        z[index] =
          (field[index + up * plane]! - field[index - down * plane]!) / ((up + down) * grid.spacingMm);
      }
    }
  }
  return { x, y, z };
}

/** Length of the gradient, per millimetre; see {@link gradientOf}. */
export function slopeOf(field: Float32Array, grid: Grid, halved = false): Float32Array {
  const { x, y, z } = gradientOf(field, grid, halved);
  for (let i = 0; i < x.length; i++) x[i] = Math.sqrt(x[i]! * x[i]! + y[i]! * y[i]! + z[i]! * z[i]!);
  return x;
}
