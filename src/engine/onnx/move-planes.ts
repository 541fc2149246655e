import type { OnnxEmitter } from './emitter.js';
import { reshape } from './node-shapes.js';

/** Images [a,b,H,W]: batch and channels, in either order. */
export interface Planes {
  readonly value: string;
  readonly lead: readonly [number, number];
  readonly rows: number;
  readonly columns: number;
}

/** Rows so short are moved together, as one piece of memory, and what crossed into another row is erased. */
const shortRow = 16;

/** Row r of the result is row r + by of x, zeros where there is none; it has `count` rows. */
export function moveRows(to: OnnxEmitter, x: Planes, by: number, count: number): Planes {
  const { lead, rows, columns } = x;
  if (by === 0 && count === rows) return x;
  const [before, after] = [-by * columns, (count - rows + by) * columns];
  const flat = reshape(to, x.value, [lead[0] * lead[1], rows * columns]);
  const moved = to.emit('Pad', [flat, to.integers([0, before, 0, after])])[0]!;
  return { ...x, value: reshape(to, moved, [...lead, count, columns]), rows: count };
}

/** Column c of the result is column c + by of x, zeros where there is none; it has `count` columns. */
export function moveColumns(to: OnnxEmitter, x: Planes, by: number, count: number): Planes {
  const { value, lead, rows, columns } = x;
  if (by === 0 && count === columns) return x;
  if (count === columns && columns <= shortRow) return { ...x, value: moveShortRows(to, x, by) };
  const moved = to.emit('Pad', [value, to.integers([0, 0, 0, -by, 0, 0, 0, count - columns + by])])[0]!;
  return { value: moved, lead, rows, columns: count };
}

function moveShortRows(to: OnnxEmitter, { value, lead: [a, b], rows, columns }: Planes, by: number): string {
  const plane = rows * columns;
  const flat = reshape(to, value, [a * b * plane]);
  const moved = to.emit('Pad', [flat, to.integers([-by, by])])[0]!;
  const inside = Float32Array.from({ length: b * plane }, (_, i) => {
    const from = (i % columns) + by;
    return from >= 0 && from < columns ? 1 : 0;
  });
  const erased = to.emit('Mul', [reshape(to, moved, [a, b * plane]), to.floats(inside, [b * plane])])[0]!;
  return reshape(to, erased, [a, b, rows, columns]);
}
