import type { Shape } from '../../base/shapes.js';
import type { OpName } from '../graph/graph.js';
import { emitConvolution, emitInputGradient } from './convolution-rule.js';
import type { OnnxEmitter, OnnxRule } from './emitter.js';
import {
  emitExactConvolution,
  emitExactInputGradient,
  emitExactKernelGradient,
} from './exact-convolution.js';
import { emitKernelGradient } from './kernel-gradient.js';
import { elementType } from './onnx-model.js';
import { emitMaxPick, emitMaxPool, emitMaxUnpool } from './pooling.js';

const simple =
  (opType: string): OnnxRule<OpName> =>
  (to, inputs) =>
    to.emit(opType, inputs)[0]!;

/** How every operation is written in ONNX. */
export const onnxRules: { readonly [K in OpName]: OnnxRule<K> } = {
  input: (_, __, { attributes: { name } }) => name,
  constant: (to, _, { attributes: { data }, shape }) => to.floats(data, shape),
  detach: (_, [x]) => x!,
  add: simple('Add'),
  subtract: simple('Sub'),
  multiply: simple('Mul'),
  divide: simple('Div'),
  maximum: simple('Max'),
  negate: simple('Neg'),
  exp: simple('Exp'),
  log: simple('Log'),
  sqrt: simple('Sqrt'),
  tanh: simple('Tanh'),
  absolute: simple('Abs'),
  sign: (to, [x]) => (to.operators === 'all' ? to.emit('Sign', [x!])[0]! : signByClip(to, x!)),
  clamp: (to, [x], { attributes: { low, high } }) => clip(to, x!, low, high),
  within: (to, [x], { attributes: { low, high } }) => {
    const inside = to.emit('Equal', [x!, clip(to, x!, low, high)])[0]!;
    return to.emit('Cast', [inside], { to: { int: elementType[to.precision] } })[0]!;
  },
  leakyRelu: (to, [x], { attributes: { slope } }) =>
    to.precision === 'float32'
      ? to.emit('LeakyRelu', [x!], { alpha: { float: slope } })[0]!
      : to.emit('Max', [x!, to.emit('Mul', [x!, to.floats([slope], [])])[0]!])[0]!,
  // The slope by two vectorised passes: x·10³⁰ clipped to [slope, 1]. A Where costs more.
  leakyReluGradient: (to, [g, x], { attributes: { slope } }) => {
    const steep = to.emit('Mul', [x!, to.floats([1e30], [])])[0]!;
    return to.emit('Mul', [g!, clip(to, steep, slope, 1)])[0]!;
  },
  logSoftmax: (to, [x]) =>
    to.operators === 'all'
      ? to.emit('LogSoftmax', [x!], { axis: { int: -1 } })[0]!
      : logSoftmaxByParts(to, x!),
  sum: (to, [x], { inputs: [source], attributes: { axes } }) =>
    reduce(to, 'ReduceSum', x!, source!.shape, axes),
  // 0 keeps a size as it is given at run time, so that a model may leave its batch open.
  reshape: (to, [x], { inputs: [source], attributes: { shape } }) => {
    const keepsBatch = shape.length > 0 && source!.shape[0] === shape[0];
    return to.emit('Reshape', [x!, to.integers(keepsBatch ? [0, ...shape.slice(1)] : shape)])[0]!;
  },
  transpose: (to, [x], { attributes: { permutation } }) =>
    to.emit('Transpose', [x!], { perm: { ints: permutation } })[0]!,
  // A size that stays is written as 1, which keeps what is given at run time.
  broadcast: (to, [x], { inputs: [source], attributes: { shape } }) => {
    const lead = shape.length - source!.shape.length;
    const sizes = shape.map((size, axis) => (source!.shape[axis - lead] === size ? 1 : size));
    return to.emit('Expand', [x!, to.integers(sizes)])[0]!;
  },
  concat: (to, inputs, { attributes: { axis } }) => to.emit('Concat', inputs, { axis: { int: axis } })[0]!,
  slice: (to, [x], { attributes: { axis, start, stop } }) =>
    to.emit('Slice', [x!, to.integers([start]), to.integers([stop]), to.integers([axis])])[0]!,
  pad: (to, [x], { attributes: { axis, before, after }, shape }) => {
    const amounts = [before, after].flatMap((amount) => shape.map((_, i) => (i === axis ? amount : 0)));
    return to.emit('Pad', [x!, to.integers(amounts)])[0]!;
  },
  matmul: simple('MatMul'),
  convolution: (to, inputs, node) =>
    to.precision === 'float32' ? emitConvolution(to, inputs, node) : emitExactConvolution(to, inputs, node),
  convolutionInputGradient: (to, inputs, node) =>
    to.precision === 'float32'
      ? emitInputGradient(to, inputs, node)
      : emitExactInputGradient(to, inputs, node),
  convolutionKernelGradient: (to, inputs, node) =>
    to.precision === 'float32'
      ? emitKernelGradient(to, inputs, node)
      : emitExactKernelGradient(to, inputs, node),
  maxPool: emitMaxPool,
  maxUnpool: emitMaxUnpool,
  maxPick: emitMaxPick,
  // Written out rather than as InstanceNormalization, whose x·r − mean·r loses digits where the mean is large.
  instanceNorm: (to, [x], { attributes: { epsilon }, shape }) => {
    const { centred, inverse } = standardise(to, x!, shape, epsilon);
    return to.emit('Mul', [centred, inverse])[0]!;
  },
  inverseDeviation: (to, [x], { inputs: [source], attributes: { epsilon } }) =>
    standardise(to, x!, source!.shape, epsilon).inverse,
};

function clip(to: OnnxEmitter, x: string, low: number, high: number): string {
  return to.emit('Clip', [x, to.floats([low], []), to.floats([high], [])])[0]!;
}

/** Sign without the operator, which the WebGPU backend lacks: x·10³⁰ clipped to [−1, 1]. */
function signByClip(to: OnnxEmitter, x: string): string {
  return clip(to, to.emit('Mul', [x, to.floats([1e30], [])])[0]!, -1, 1);
}

/** x − max − log Σ exp(x − max) over the last axis: the WebGPU backend has no LogSoftmax. */
function logSoftmaxByParts(to: OnnxEmitter, x: string): string {
  const last = to.integers([-1]);
  const below = to.emit('Sub', [x, to.emit('ReduceMax', [x, last])[0]!])[0]!;
  const total = to.emit('ReduceSum', [to.emit('Exp', [below])[0]!, last], { keepdims: { int: 1 } })[0]!;
  return to.emit('Sub', [below, to.emit('Log', [total])[0]!])[0]!;
}

/** A plane of so many rows and columns is worth a second reduction. */
const longPlane = 64;

/**
 * A sum or mean with sizes kept. Where other backends than the CPU reduce whole planes, rows come first: a graphics
 * card gives each result to one group of threads, and few results would leave it idle.
 */
function reduce(
  to: OnnxEmitter,
  opType: 'ReduceSum' | 'ReduceMean',
  x: string,
  shape: Shape,
  axes: readonly number[],
): string {
  const over = (value: string, along: readonly number[]): string =>
    to.emit(opType, [value, to.integers(along)], { keepdims: { int: 1 } })[0]!;
  const last = shape.length - 1;
  const inStages =
    to.operators === 'common' &&
    axes.includes(last) &&
    axes.includes(last - 1) &&
    shape[last]! >= longPlane &&
    shape[last - 1]! >= longPlane;
  if (!inStages) return over(x, axes);
  return over(
    over(x, [last]),
    axes.filter((axis) => axis !== last),
  );
}

function standardise(
  to: OnnxEmitter,
  x: string,
  shape: Shape,
  epsilon: number,
): { centred: string; inverse: string } {
  const mean = (value: string): string => reduce(to, 'ReduceMean', value, shape, [2, 3]);
  const centred = to.emit('Sub', [x, mean(x)])[0]!;
  const variance = mean(to.emit('Mul', [centred, centred])[0]!);
  const deviation = to.emit('Sqrt', [to.emit('Add', [variance, to.floats([epsilon], [])])[0]!])[0]!;
  return { centred, inverse: to.emit('Reciprocal', [deviation])[0]! };
}
