import type { OnnxEmitter } from './emitter.js';

/** The same numbers in another shape. */
export function reshape(to: OnnxEmitter, x: string, shape: readonly number[]): string {
  return to.emit('Reshape', [x, to.integers(shape)])[0]!;
}

/** Axes in another order: axis i of the result is axis `permutation[i]` of x. */
export function transpose(to: OnnxEmitter, x: string, permutation: readonly number[]): string {
  return to.emit('Transpose', [x], { perm: { ints: permutation } })[0]!;
}

/** Axes of the given size backwards; unlike a Slice on all cores. */
export function backwards(to: OnnxEmitter, x: string, axes: readonly number[], size: number): string {
  const order = to.integers(Array.from({ length: size }, (_, i) => size - 1 - i));
  return axes.reduce((turned, axis) => to.emit('Gather', [turned, order], { axis: { int: axis } })[0]!, x);
}
