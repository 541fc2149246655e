import { fail } from '../../base/errors.js';
import { broadcastShapes, type Shape, sameShape, showShape, sizeOf } from '../../base/shapes.js';
import type { Attributes, Node, OpName } from './graph.js';

type ShapeRule<K extends OpName> = (inputs: readonly Shape[], attributes: Attributes[K], op: K) => Shape;

const same: ShapeRule<OpName> = (inputs) => inputs[0]!;
const broadcasting: ShapeRule<OpName> = (inputs, _, op) => broadcastShapes(op, inputs[0]!, inputs[1]!);

/** The shape of every operation's result; a wrong combination of inputs is refused while the graph is built. */
const shapeRules: { readonly [K in OpName]: ShapeRule<K> } = {
  input: () => fail('bad-argument', { where: 'input', expected: 'its own constructor', got: 'applyOp' }),
  constant: () =>
    fail('bad-argument', { where: 'constant', expected: 'its own constructor', got: 'applyOp' }),
  detach: same,
  add: broadcasting,
  subtract: broadcasting,
  multiply: broadcasting,
  divide: broadcasting,
  maximum: broadcasting,
  negate: same,
  exp: same,
  log: same,
  sqrt: same,
  tanh: same,
  absolute: same,
  sign: same,
  clamp: same,
  within: same,
  leakyRelu: same,
  leakyReluGradient: ([gradient, x], _, op) => requireSame(op, gradient!, x!),
  logSoftmax: same,
  sum: ([x], { axes }, op) => {
    for (const axis of axes) requireAxis(op, x!, axis);
    return x!.map((size, axis) => (axes.includes(axis) ? 1 : size));
  },
  reshape: ([x], { shape }, op) => {
    if (sizeOf(x!) !== sizeOf(shape)) refuse(op, `${sizeOf(x!)} elements`, showShape(shape));
    return shape;
  },
  transpose: ([x], { permutation }, op) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (permutation.length !== x!.length || sorted.some((axis, i) => axis !== i)) {
      refuse(op, `a permutation of ${x!.length} axes`, permutation.join(','));
    }
    return permutation.map((axis) => x![axis]!);
  },
  broadcast: ([x], { shape }, op) => {
    if (!sameShape(broadcastShapes(op, x!, shape), shape))
      refuse(op, `a shape that ${showShape(x!)} stretches to`, showShape(shape));
    return shape;
  },
  concat: (inputs, { axis }, op) => {
    const first = inputs[0] ?? refuse(op, 'at least one input', 'none');
    requireAxis(op, first, axis);
    for (const shape of inputs) {
      if (!sameShape(without(shape, axis), without(first, axis))) {
        refuse(op, `inputs that agree beside axis ${axis}`, inputs.map(showShape).join(', '));
      }
    }
    const total = inputs.reduce((size, shape) => size + shape[axis]!, 0);
    return first.map((size, i) => (i === axis ? total : size));
  },
  slice: ([x], { axis, start, stop }, op) => {
    requireAxis(op, x!, axis);
    if (!(start >= 0 && start < stop && stop <= x![axis]!))
      refuse(op, `a range within 0…${x![axis]}`, `${start}…${stop}`);
    return x!.map((size, i) => (i === axis ? stop - start : size));
  },
  pad: ([x], { axis, before, after }, op) => {
    requireAxis(op, x!, axis);
    if (before < 0 || after < 0) refuse(op, 'amounts of at least 0', `${before} and ${after}`);
    return x!.map((size, i) => (i === axis ? before + size + after : size));
  },
  matmul: ([a, b], _, op) => {
    if (a!.length < 2 || b!.length < 2 || a!.at(-1) !== b!.at(-2))
      refuse(op, '[…,m,k] and […,k,n]', `${showShape(a!)} and ${showShape(b!)}`);
    return [...broadcastShapes(op, a!.slice(0, -2), b!.slice(0, -2)), a!.at(-2)!, b!.at(-1)!];
  },
  convolution: ([x, w], attributes, op) => {
    requireRank4(op, x!, w!);
    if (x![1] !== w![1] || w![2] !== w![3])
      refuse(op, 'x [N,C,H,W] and a square kernel [O,C,K,K]', `${showShape(x!)} and ${showShape(w!)}`);
    const size = convolvedSize(op, [x![2]!, x![3]!], w![2]!, attributes);
    return [x![0]!, w![0]!, ...size];
  },
  convolutionInputGradient: ([g, w], attributes, op) => {
    requireRank4(op, g!, w!);
    const size = convolvedSize(op, attributes.inputSize, w![2]!, attributes);
    if (g![1] !== w![0] || !sameShape(g!.slice(2), size))
      refuse(op, `a gradient [N,${w![0]},${size.join(',')}]`, showShape(g!));
    return [g![0]!, w![1]!, ...attributes.inputSize];
  },
  convolutionKernelGradient: ([x, g], attributes, op) => {
    requireRank4(op, x!, g!);
    const size = convolvedSize(op, [x![2]!, x![3]!], attributes.kernelSize, attributes);
    if (x![0] !== g![0] || !sameShape(g!.slice(2), size))
      refuse(op, `a gradient [${x![0]},O,${size.join(',')}]`, showShape(g!));
    return [g![1]!, x![1]!, attributes.kernelSize, attributes.kernelSize];
  },
  maxPool: ([x], _, op) => pooled(op, x!),
  maxUnpool: ([g, x], _, op) => {
    requireSame(op, g!, pooled(op, x!));
    return x!;
  },
  maxPick: ([h, x], _, op) => {
    requireSame(op, h!, x!);
    return pooled(op, x!);
  },
  instanceNorm: ([x], _, op) => {
    requireRank4(op, x!, x!);
    return x!;
  },
  inverseDeviation: ([x], _, op) => {
    requireRank4(op, x!, x!);
    return [x![0]!, x![1]!, 1, 1];
  },
};

/**
 * The shape that an operation gives for these inputs.
 *
 * @throws UtadError bad-shape when the inputs do not fit the operation.
 */
export function inferShape<K extends OpName>(
  op: K,
  inputs: readonly Node[],
  attributes: Attributes[K],
): Shape {
  const rule = shapeRules[op] as ShapeRule<K>;
  return rule(
    inputs.map((node) => node.shape),
    attributes,
    op,
  );
}

function convolvedSize(
  op: OpName,
  size: readonly [number, number],
  kernel: number,
  { stride, padding }: { stride: number; padding: number },
): [number, number] {
  const [height, width] = size.map((side) => Math.floor((side + 2 * padding - kernel) / stride) + 1) as [
    number,
    number,
  ];
  if (height < 1 || width < 1) refuse(op, `an input of at least ${kernel} with its padding`, size.join('×'));
  return [height, width];
}

function pooled(op: OpName, x: Shape): Shape {
  requireRank4(op, x, x);
  if (x[2]! % 2 !== 0 || x[3]! % 2 !== 0) refuse(op, 'even height and width', showShape(x));
  // [N,C,H,W] → [N,C,H/2,W/2]
  return [x[0]!, x[1]!, x[2]! / 2, x[3]! / 2];
}

function without(shape: Shape, axis: number): Shape {
  return shape.filter((_, i) => i !== axis);
}

function requireAxis(op: OpName, shape: Shape, axis: number): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length)
    refuse(op, `an axis of ${showShape(shape)}`, String(axis));
}

function requireRank4(op: OpName, ...shapes: readonly Shape[]): void {
  for (const shape of shapes) if (shape.length !== 4) refuse(op, 'four axes', showShape(shape));
}

function requireSame(op: OpName, a: Shape, b: Shape): Shape {
  return sameShape(a, b) ? a : refuse(op, `the shape ${showShape(b)}`, showShape(a));
}

function refuse(op: OpName, expected: string, got: string): never {
  return fail('bad-shape', { where: op, expected, got });
}
