import type { Node } from '../engine/graph/graph.js';
import { constant, matmul } from '../engine/graph/operations.js';

/**
 * Halves height and width by the mean of each 2×2 block. It is linear and separable: rows · x · columns with two constant
 * matrices, [H/2,H] · [N,C,H,W] · [W,W/2].
 */
export function averagePool(x: Node): Node {
  const [, , height, width] = x.shape as [number, number, number, number];
  const rows = constant(
    pairs(height / 2, height, (row, column) => [row, column]),
    [height / 2, height],
  );
  const columns = constant(
    pairs(width, width / 2, (row, column) => [column, row]),
    [width, width / 2],
  );
  return matmul(rows, matmul(x, columns));
}

/** A matrix with a half where one of the places, halved, is the other. */
function pairs(
  rows: number,
  columns: number,
  order: (row: number, column: number) => readonly [number, number],
): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [small, large] = order(Math.floor(i / columns), i % columns);
    return Math.floor(large / 2) === small ? 0.5 : 0;
  });
}
