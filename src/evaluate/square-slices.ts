import type { SliceShape } from './similarity-maps.js';

/** Slices of any shape in the middle of squares, with background around them: for pictures and for feature networks. */
export interface SquareSlices {
  /** S: the longer side. */
  readonly side: number;
  /** [n, rows, columns] in, [n, S, S] out; the same array where the slices are square. */
  readonly of: <Data extends Float32Array | Uint8Array>(slices: Data) => Data;
}

/** Squares for slices of one shape. */
export function squareSlices({ rows, columns }: SliceShape): SquareSlices {
  const side = Math.max(rows, columns);
  const [top, left] = [Math.floor((side - rows) / 2), Math.floor((side - columns) / 2)];
  return {
    side,
    of: <Data extends Float32Array | Uint8Array>(slices: Data): Data => {
      if (rows === columns) return slices;
      const count = slices.length / (rows * columns);
      const out = (
        slices instanceof Float32Array
          ? new Float32Array(count * side * side)
          : new Uint8Array(count * side * side)
      ) as Data;
      for (let line = 0; line < count * rows; line++) {
        const [k, row] = [Math.floor(line / rows), line % rows];
        const from = slices.subarray(line * columns, (line + 1) * columns);
        out.set(from, (k * side + top + row) * side + left);
      }
      return out;
    },
  };
}
