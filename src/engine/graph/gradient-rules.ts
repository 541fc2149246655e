import { type Shape, sameShape } from '../../base/shapes.js';
import type { Node, OpName } from './graph.js';
import * as ops from './operations.js';

/**
 * What each input receives when the result receives `g` (shaped like the result); null where nothing flows.
 * `node` is the result itself. Written in the same operations, so a gradient has a gradient.
 */
type GradientRule<K extends OpName> = (g: Node, node: Node<K>) => readonly (Node | null)[];

const none: GradientRule<OpName> = (_, node) => node.inputs.map(() => null);

export const gradientRules: { readonly [K in OpName]: GradientRule<K> } = {
  input: none,
  constant: none,
  detach: none,
  add: (g, { inputs: [a, b] }) => [sumTo(g, a!.shape), sumTo(g, b!.shape)],
  subtract: (g, { inputs: [a, b] }) => [sumTo(g, a!.shape), sumTo(ops.negate(g), b!.shape)],
  multiply: (g, { inputs: [a, b] }) => [
    sumTo(ops.multiply(g, b!), a!.shape),
    sumTo(ops.multiply(g, a!), b!.shape),
  ],
  divide: (g, node) => {
    const [a, b] = node.inputs;
    const share = ops.divide(g, b!);
    return [sumTo(share, a!.shape), sumTo(ops.negate(ops.multiply(share, node)), b!.shape)];
  },
  // Equal elements share the gradient in halves, as in PyTorch.
  maximum: (g, { inputs: [a, b] }) => {
    const half = ops.scale(ops.multiply(g, ops.sign(ops.subtract(a!, b!))), 0.5);
    const base = ops.scale(g, 0.5);
    return [sumTo(ops.add(base, half), a!.shape), sumTo(ops.subtract(base, half), b!.shape)];
  },
  negate: (g) => [ops.negate(g)],
  exp: (g, node) => [ops.multiply(g, node)],
  log: (g, { inputs: [x] }) => [ops.divide(g, x!)],
  sqrt: (g, node) => [ops.divide(ops.scale(g, 0.5), node)],
  tanh: (g, node) => [ops.multiply(g, ops.subtract(ops.scalar(1), ops.multiply(node, node)))],
  absolute: (g, { inputs: [x] }) => [ops.multiply(g, ops.sign(x!))],
  sign: none,
  clamp: (g, { inputs: [x], attributes: { low, high } }) => [ops.multiply(g, ops.within(x!, low, high))],
  within: none,
  leakyRelu: (g, { inputs: [x], attributes: { slope } }) => [ops.leakyReluGradient(g, x!, slope)],
  leakyReluGradient: (g, { inputs: [, x], attributes: { slope } }) => [
    ops.leakyReluGradient(g, x!, slope),
    null,
  ],
  logSoftmax: (g, node) => {
    const last = node.shape.length - 1;
    return [ops.subtract(g, ops.multiply(ops.exp(node), ops.sum(g, [last])))];
  },
  sum: (g, { inputs: [x] }) => [ops.broadcast(g, x!.shape)],
  reshape: (g, { inputs: [x] }) => [ops.reshape(g, x!.shape)],
  transpose: (g, { attributes: { permutation } }) => [
    ops.transpose(
      g,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  broadcast: (g, { inputs: [x] }) => [sumTo(g, x!.shape)],
  concat: (g, { inputs, attributes: { axis } }) => {
    let start = 0;
    return inputs.map((part) => {
      const stop = start + part.shape[axis]!;
      const piece = ops.slice(g, axis, start, stop);
      start = stop;
      return piece;
    });
  },
  slice: (g, { inputs: [x], attributes: { axis, start, stop } }) => [
    ops.pad(g, axis, start, x!.shape[axis]! - stop),
  ],
  pad: (g, { inputs: [x], attributes: { axis, before } }) => [
    ops.slice(g, axis, before, before + x!.shape[axis]!),
  ],
  matmul: (g, { inputs: [a, b] }) => [
    sumTo(ops.matmul(g, swapLast(b!)), a!.shape),
    sumTo(ops.matmul(swapLast(a!), g), b!.shape),
  ],
  convolution: (g, { inputs: [x, w], attributes: { stride, padding } }) => [
    ops.convolutionInputGradient(g, w!, { stride, padding, inputSize: [x!.shape[2]!, x!.shape[3]!] }),
    ops.convolutionKernelGradient(x!, g, { stride, padding, kernelSize: w!.shape[2]! }),
  ],
  convolutionInputGradient: (u, { inputs: [g, w], attributes: { stride, padding } }) => [
    ops.convolution(u, w!, { stride, padding }),
    ops.convolutionKernelGradient(u, g!, { stride, padding, kernelSize: w!.shape[2]! }),
  ],
  convolutionKernelGradient: (u, { inputs: [x, g], attributes: { stride, padding } }) => [
    ops.convolutionInputGradient(g!, u, { stride, padding, inputSize: [x!.shape[2]!, x!.shape[3]!] }),
    ops.convolution(x!, u, { stride, padding }),
  ],
  maxPool: (g, { inputs: [x] }) => [ops.maxUnpool(g, x!)],
  maxUnpool: (u, { inputs: [, x] }) => [ops.maxPick(u, x!), null],
  maxPick: (u, { inputs: [, x] }) => [ops.maxUnpool(u, x!), null],
  // With y the result and r the inverse deviation: r · (g − mean g − y · mean(g·y)).
  instanceNorm: (g, node) => {
    const x = node.inputs[0]!;
    const r = ops.inverseDeviation(x, node.attributes.epsilon);
    const along = ops.multiply(node, ops.mean(ops.multiply(g, node), [2, 3]));
    return [ops.multiply(r, ops.subtract(ops.subtract(g, ops.mean(g, [2, 3])), along))];
  },
  // dr/dx = −r² · y / (H·W), with y the normalised x.
  inverseDeviation: (g, node) => {
    const x = node.inputs[0]!;
    const factor = ops.scale(ops.multiply(g, ops.multiply(node, node)), -1 / (x.shape[2]! * x.shape[3]!));
    return [ops.multiply(ops.instanceNorm(x, node.attributes.epsilon), factor)];
  },
};

/** Sums a gradient over the axes along which its value was broadcast. */
function sumTo(g: Node, shape: Shape): Node {
  if (sameShape(g.shape, shape)) return g;
  const lead = g.shape.length - shape.length;
  const axes = g.shape.flatMap((size, axis) =>
    axis < lead || (size !== 1 && shape[axis - lead] === 1) ? [axis] : [],
  );
  return ops.reshape(ops.sum(g, axes), shape);
}

function swapLast(x: Node): Node {
  const rank = x.shape.length;
  return ops.transpose(x, [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2]);
}
