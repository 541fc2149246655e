import { fail } from '../../base/errors.js';
import { type Shape, sameShape, showShape, sizeOf } from '../../base/shapes.js';
import type { Attributes, ConvolutionAttributes, Node, OpName } from './graph.js';
import { inferShape } from './shape-rules.js';

/** Builds a node of any operation; the functions below are its typed names. */
function applyOp<K extends OpName>(op: K, inputs: readonly Node[], attributes: Attributes[K]): Node<K> {
  const shape = inferShape(op, inputs, attributes);
  return { op, inputs, attributes, shape };
}

/** A tensor that is given at run time. */
export function input(name: string, shape: Shape, kind: 'data' | 'parameter' = 'data'): Node<'input'> {
  return { op: 'input', inputs: [], attributes: { name, kind }, shape };
}

/** A tensor fixed in the graph. */
export function constant(data: Float32Array | readonly number[], shape: Shape): Node<'constant'> {
  if (data.length !== sizeOf(shape)) {
    fail('bad-shape', {
      where: 'constant',
      expected: `${sizeOf(shape)} values for ${showShape(shape)}`,
      got: `${data.length}`,
    });
  }
  return { op: 'constant', inputs: [], attributes: { data: Float32Array.from(data) }, shape };
}

/** One number. */
export const scalar = (value: number): Node => constant([value], []);

export const detach = (x: Node): Node => applyOp('detach', [x], {});
export const add = (a: Node, b: Node): Node => applyOp('add', [a, b], {});
export const subtract = (a: Node, b: Node): Node => applyOp('subtract', [a, b], {});
export const multiply = (a: Node, b: Node): Node => applyOp('multiply', [a, b], {});
export const divide = (a: Node, b: Node): Node => applyOp('divide', [a, b], {});
export const maximum = (a: Node, b: Node): Node => applyOp('maximum', [a, b], {});
export const negate = (x: Node): Node => applyOp('negate', [x], {});
export const exp = (x: Node): Node => applyOp('exp', [x], {});
export const log = (x: Node): Node => applyOp('log', [x], {});
export const sqrt = (x: Node): Node => applyOp('sqrt', [x], {});
export const tanh = (x: Node): Node => applyOp('tanh', [x], {});
export const absolute = (x: Node): Node => applyOp('absolute', [x], {});
export const sign = (x: Node): Node => applyOp('sign', [x], {});
export const clamp = (x: Node, low: number, high: number): Node => applyOp('clamp', [x], { low, high });
export const within = (x: Node, low: number, high: number): Node => applyOp('within', [x], { low, high });
export const leakyRelu = (x: Node, slope: number): Node => applyOp('leakyRelu', [x], { slope });
export const leakyReluGradient = (gradient: Node, x: Node, slope: number): Node =>
  applyOp('leakyReluGradient', [gradient, x], { slope });
/** Logarithm of the softmax over the last axis. */
export const logSoftmax = (x: Node): Node => applyOp('logSoftmax', [x], {});
export const matmul = (a: Node, b: Node): Node => applyOp('matmul', [a, b], {});
export const maxPool = (x: Node): Node => applyOp('maxPool', [x], {});
export const maxUnpool = (gradient: Node, x: Node): Node => applyOp('maxUnpool', [gradient, x], {});
export const maxPick = (values: Node, x: Node): Node => applyOp('maxPick', [values, x], {});
export const instanceNorm = (x: Node, epsilon: number): Node => applyOp('instanceNorm', [x], { epsilon });
export const inverseDeviation = (x: Node, epsilon: number): Node =>
  applyOp('inverseDeviation', [x], { epsilon });

/** Sum over the given axes (all by default); they stay with size 1. */
export function sum(x: Node, axes: readonly number[] = x.shape.map((_, axis) => axis)): Node {
  return axes.length === 0 ? x : applyOp('sum', [x], { axes });
}

/** Mean over the given axes (all by default); they stay with size 1. */
export function mean(x: Node, axes: readonly number[] = x.shape.map((_, axis) => axis)): Node {
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  return scale(sum(x, axes), 1 / count);
}

/** Mean of all elements as a scalar []. */
export const meanAll = (x: Node): Node => reshape(mean(x), []);

export function reshape(x: Node, shape: Shape): Node {
  return sameShape(x.shape, shape) ? x : applyOp('reshape', [x], { shape });
}

export function transpose(x: Node, permutation: readonly number[]): Node {
  return permutation.every((from, to) => from === to) ? x : applyOp('transpose', [x], { permutation });
}

/** Repeats along axes of size 1 (aligned at the last axis) until the shape is reached. */
export function broadcast(x: Node, shape: Shape): Node {
  return sameShape(x.shape, shape) ? x : applyOp('broadcast', [x], { shape });
}

export function concat(parts: readonly Node[], axis: number): Node {
  return parts.length === 1 ? parts[0]! : applyOp('concat', parts, { axis });
}

/** Elements start ≤ index < stop along one axis. */
export function slice(x: Node, axis: number, start: number, stop: number): Node {
  return start === 0 && stop === x.shape[axis] ? x : applyOp('slice', [x], { axis, start, stop });
}

export function pad(x: Node, axis: number, before: number, after: number): Node {
  return before === 0 && after === 0 ? x : applyOp('pad', [x], { axis, before, after });
}

/** x · factor for a fixed factor. */
export function scale(x: Node, factor: number): Node {
  return factor === 1 ? x : multiply(x, scalar(factor));
}

/** x + offset for a fixed offset. */
export function shift(x: Node, offset: number): Node {
  return offset === 0 ? x : add(x, scalar(offset));
}

export function convolution(x: Node, kernel: Node, attributes: ConvolutionAttributes): Node {
  return applyOp('convolution', [x, kernel], attributes);
}

export function convolutionInputGradient(
  gradient: Node,
  kernel: Node,
  attributes: Attributes['convolutionInputGradient'],
): Node {
  return applyOp('convolutionInputGradient', [gradient, kernel], attributes);
}

export function convolutionKernelGradient(
  x: Node,
  gradient: Node,
  attributes: Attributes['convolutionKernelGradient'],
): Node {
  return applyOp('convolutionKernelGradient', [x, gradient], attributes);
}
