/** A piece of an outline, in columns and rows of pixel centres. */
type Segment = readonly [x1: number, y1: number, x2: number, y2: number];

/** Middles of a cell's sides: top, right, bottom, left. */
const sides = [
  [0.5, 0],
  [1, 0.5],
  [0.5, 1],
  [0, 0.5],
] as const;

/** For the corners (upper left 1, upper right 2, lower right 4, lower left 8) that are inside: pairs of sides. */
const crossings: readonly (readonly number[])[] = [
  [],
  [3, 0],
  [0, 1],
  [3, 1],
  [1, 2],
  [3, 0, 1, 2],
  [0, 2],
  [3, 2],
  [2, 3],
  [2, 0],
  [0, 1, 2, 3],
  [2, 1],
  [1, 3],
  [1, 0],
  [0, 3],
  [],
];

/**
 * The outline of what is not 0 in a plane, halfway between pixels inside and outside.
 *
 * @source Lorensen and Cline's marching squares.
 */
export function outlineOf(values: Float32Array, width: number, height: number): readonly Segment[] {
  const inside = (x: number, y: number): number =>
    x >= 0 && y >= 0 && x < width && y < height && values[x + width * y] !== 0 ? 1 : 0;
  const segments: Segment[] = [];
  for (let y = -1; y < height; y++)
    for (let x = -1; x < width; x++) {
      const corners =
        inside(x, y) | (inside(x + 1, y) << 1) | (inside(x + 1, y + 1) << 2) | (inside(x, y + 1) << 3);
      const pairs = crossings[corners]!;
      for (let i = 0; i < pairs.length; i += 2) {
        const [a, b] = [sides[pairs[i]!]!, sides[pairs[i + 1]!]!];
        segments.push([x + a[0], y + a[1], x + b[0], y + b[1]]);
      }
    }
  return segments;
}
