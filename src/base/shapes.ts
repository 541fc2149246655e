import { fail } from './errors.js';

/** Sizes of an array's axes, outermost first. */
export type Shape = readonly number[];

/** Number of elements of an array of this shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** A shape as people read it: `2×3×4`, or `scalar`. */
export function showShape(shape: Shape): string {
  return shape.length === 0 ? 'scalar' : shape.join('×');
}

/** Distance in elements between neighbours along each axis, rows outermost. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/**
 * The shape that two arrays share after broadcasting (aligned at the last axis, size 1 stretches).
 *
 * @throws UtadError bad-shape when an axis differs and neither side is 1.
 * @source ONNX, "Multidirectional Broadcasting".
 */
export function broadcastShapes(where: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    return fail('bad-shape', {
      where,
      expected: 'shapes that broadcast',
      got: `${showShape(a)} and ${showShape(b)}`,
    });
  });
}
