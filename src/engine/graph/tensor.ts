import { fail } from '../../base/errors.js';
import { type Shape, sameShape, showShape, sizeOf } from '../../base/shapes.js';
import type { Graph } from './graph.js';

/** An array of float32 values, last axis fastest. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/**
 * Wraps values with their shape.
 *
 * @throws UtadError bad-shape when the number of values does not fit.
 */
export function tensor(data: Float32Array | readonly number[], shape: Shape): Tensor {
  if (data.length !== sizeOf(shape)) {
    fail('bad-shape', {
      where: 'tensor',
      expected: `${sizeOf(shape)} values for ${showShape(shape)}`,
      got: `${data.length}`,
    });
  }
  return { shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}

/** A tensor full of one value. */
export function filled(shape: Shape, value: number): Tensor {
  return { shape, data: new Float32Array(sizeOf(shape)).fill(value) };
}

/** The same one-hot row `count` times: [count, classes], 1 at `index`. */
export function oneHots(count: number, classes: number, index: number): Tensor {
  const data = Float32Array.from({ length: count * classes }, (_, i) => (i % classes === index ? 1 : 0));
  return { shape: [count, classes], data };
}

/** The one number in a tensor of one element. */
export function numberIn(value: Tensor): number {
  if (value.data.length !== 1)
    fail('bad-shape', { where: 'numberIn', expected: 'one element', got: showShape(value.shape) });
  return value.data[0]!;
}

/**
 * Checks that every input of a graph is given with its shape.
 *
 * @throws UtadError bad-argument or bad-shape, naming the input.
 */
export function requireInputs(
  graph: Graph,
  given: Readonly<Record<string, { readonly shape: Shape }>>,
  sameBatch = true,
): void {
  for (const node of graph.inputs) {
    const { name } = node.attributes;
    const value = given[name];
    if (value === undefined) {
      fail('bad-argument', {
        where: `program ${graph.name}`,
        expected: `the input ${name} ${showShape(node.shape)}`,
        got: 'nothing',
      });
    }
    const fits = sameBatch
      ? sameShape(value.shape, node.shape)
      : sameShape(value.shape.slice(1), node.shape.slice(1)) && value.shape.length === node.shape.length;
    if (!fits) {
      fail('bad-shape', {
        where: `input ${name} of program ${graph.name}`,
        expected: showShape(node.shape),
        got: showShape(value.shape),
      });
    }
  }
}
