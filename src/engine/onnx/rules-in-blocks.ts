import type { Shape } from '../../base/shapes.js';
import { sameShape } from '../../base/shapes.js';
import type { Node, OpName } from '../graph/graph.js';
import { sumOfKernelGradients } from './blocked-kernel-gradient.js';
import { emitOnBlocks, ofPlanes, planeMeans, planeSums, scalePlanes } from './blocked-planes.js';
import { pickInBlocks, poolInBlocks, unpoolInBlocks } from './blocked-pooling.js';
import { upsampleInBlocks } from './blocked-upsampling.js';
import { fromBlocks, toBlocks } from './blocks.js';
import type { OnnxEmitter } from './emitter.js';
import type { PlaneMap } from './emitter-notes.js';

/** Writes a node in the blocked layout; null where its inputs are not in it or it has no such form. */
type BlockedRule<K extends OpName> = (
  to: OnnxEmitter,
  inputs: readonly string[],
  node: Node<K>,
) => string | null;

/**
 * What stays in the blocked layout between convolutions. A value is in it where the convolution that made it left it
 * there; its plain form is written too and falls away where nobody asks for it.
 */
const blockedRules: { readonly [K in OpName]?: BlockedRule<K> } = {
  add: (to, inputs, node) =>
    sumOfKernelGradients(to, inputs[0]!, inputs[1]!) ??
    sumWithPlanes(to, inputs, node) ??
    elementwise('Add')(to, inputs, node),
  subtract: (to, inputs, node) =>
    differenceWithPlanes(to, inputs, node) ?? elementwise('Sub')(to, inputs, node),
  multiply: (to, inputs, node) => productWithPlanes(to, inputs, node) ?? elementwise('Mul')(to, inputs, node),
  maximum: elementwise('Max'),
  negate: elementwise('Neg'),
  absolute: elementwise('Abs'),
  sign: elementwise('Sign'),
  leakyRelu: (to, [x], { attributes: { slope }, shape }) => {
    const blocked = to.notes.blockedForms.get(x!);
    if (blocked === undefined) return null;
    // As the activation of a convolution it would take twice as long.
    return fromBlocks(
      to,
      emitOnBlocks(to, 'LeakyRelu', [blocked], shape, { attributes: { alpha: { float: slope } } }),
      shape[1]!,
    );
  },
  leakyReluGradient: (to, [g, x], { attributes: { slope }, shape }) => {
    const blocked = to.notes.blockedForms.get(x!);
    if (blocked === undefined) return null;
    // The slope: x·10³⁰ clipped to [slope, 1].
    const planes = [shape[0]!, shape[1]!, 1, 1];
    const scale = to.floats(new Float32Array(shape[0]! * shape[1]!).fill(1e30), planes);
    const steep = scalePlanes(to, { source: blocked, scale }, shape);
    const limits = [slope, 1].map((limit) => to.floats([limit], []));
    const own = emitOnBlocks(to, 'Clip', [steep], shape, { numbers: limits });
    return fromBlocks(to, emitOnBlocks(to, 'Mul', [toBlocks(to, g!, shape[1]!), own], shape), shape[1]!);
  },
  sum: (to, [x], { inputs: [source], attributes: { axes } }) => {
    const blocked = to.notes.blockedForms.get(x!);
    const rank = source!.shape.length;
    if (blocked === undefined || rank !== 4 || !axes.includes(2) || !axes.includes(3)) return null;
    const sums = planeSums(to, blocked, source!.shape);
    const others = axes.filter((axis) => axis < 2);
    if (others.length === 0) return sums;
    return to.emit('ReduceSum', [sums, to.integers(others)], { keepdims: { int: 1 } })[0]!;
  },
  concat: (to, inputs, node) => {
    const whole = node.inputs.every(({ shape }) => isWhole(to, shape));
    if (node.attributes.axis !== 1 || !whole || !inputs.some((x) => to.notes.blockedForms.has(x)))
      return null;
    const parts = inputs.map((x, i) => toBlocks(to, x, node.inputs[i]!.shape[1]!));
    return fromBlocks(to, to.emit('Concat', parts, { axis: { int: 1 } })[0]!, node.shape[1]!);
  },
  slice: (to, [x], { attributes: { axis, start, stop }, shape }) => {
    const blocked = to.notes.blockedForms.get(x!);
    if (blocked === undefined || axis !== 1 || start % to.channelBlock !== 0 || !isWhole(to, shape))
      return null;
    const part = to.emit('Slice', [blocked, to.integers([start]), to.integers([stop]), to.integers([1])])[0]!;
    return fromBlocks(to, part, shape[1]!);
  },
  instanceNorm: (to, [x], { attributes: { epsilon }, shape }) => {
    const blocked = to.notes.blockedForms.get(x!);
    if (blocked === undefined) return null;
    const { centred, inverse } = standardise(to, blocked, shape, epsilon);
    return keep(to, { source: centred, scale: inverse }, shape);
  },
  inverseDeviation: (to, [x], { inputs: [source], attributes: { epsilon } }) => {
    const blocked = to.notes.blockedForms.get(x!);
    return blocked === undefined ? null : standardise(to, blocked, source!.shape, epsilon).inverse;
  },
  matmul: upsampleInBlocks,
  maxPool: (to, [x], { shape }) => {
    const blocked = to.notes.blockedForms.get(x!);
    return blocked === undefined ? null : fromBlocks(to, poolInBlocks(to, blocked), shape[1]!);
  },
  maxUnpool: (to, [g, x], { shape }) => {
    const blocked = to.notes.blockedForms.get(x!);
    if (blocked === undefined) return null;
    return fromBlocks(to, unpoolInBlocks(to, toBlocks(to, g!, shape[1]!), blocked, shape), shape[1]!);
  },
  maxPick: (to, [h, x], { shape, inputs: [, source] }) => {
    const blocked = to.notes.blockedForms.get(x!);
    if (blocked === undefined) return null;
    const picked = pickInBlocks(to, toBlocks(to, h!, shape[1]!), blocked, source!.shape);
    return fromBlocks(to, picked, shape[1]!);
  },
};

/** Writes a node in the blocked layout and gives the name of its plain form; null where that is not possible. */
export function emitInBlocks(to: OnnxEmitter, inputs: readonly string[], node: Node): string | null {
  if (to.channelBlock < 2) return null;
  const rule = blockedRules[node.op] as BlockedRule<OpName> | undefined;
  return rule?.(to, inputs, node) ?? null;
}

/** The same operator on blocks: all inputs alike in shape, or single numbers, and one of them in blocks. */
function elementwise(opType: string): BlockedRule<OpName> {
  return (to, inputs, { inputs: sources, shape }) => {
    if (!isWhole(to, shape) || !inputs.some((x) => to.notes.blockedForms.has(x))) return null;
    if (!sources.every((source) => source.shape.length === 0 || sameShape(source.shape, shape))) return null;
    if (inputs.length === 2 && sources.some((source) => source.shape.length === 0)) {
      // A single number may stand on either side.
      const at = sources.findIndex((source) => source.shape.length === 0);
      const image = toBlocks(to, inputs[1 - at]!, shape[1]!);
      const operands = at === 0 ? [inputs[0]!, image] : [image, inputs[1]!];
      return fromBlocks(to, to.emit(opType, operands)[0]!, shape[1]!);
    }
    const operands = inputs.map((x) => toBlocks(to, x, shape[1]!));
    return fromBlocks(to, emitOnBlocks(to, opType, operands, shape), shape[1]!);
  };
}

function productWithPlanes(to: OnnxEmitter, inputs: readonly string[], node: Node): string | null {
  const found = planesAndImage(to, inputs, node);
  return found && keep(to, { source: found.image, scale: found.planes }, node.shape);
}

function sumWithPlanes(to: OnnxEmitter, inputs: readonly string[], node: Node): string | null {
  const found = planesAndImage(to, inputs, node);
  return found && keep(to, { source: found.image, shift: found.planes }, node.shape);
}

function differenceWithPlanes(to: OnnxEmitter, inputs: readonly string[], node: Node): string | null {
  const found = planesAndImage(to, inputs, node);
  const negative = (x: string): string => ofPlanes(to, 'Neg', [x], node.shape);
  if (found !== null)
    return found.imageAt === 0
      ? keep(to, { source: found.image, shift: negative(found.planes) }, node.shape)
      : null;
  // (a − s) − y·t in one pass: y·(−t) − s + a
  const [left, right] = inputs.map((x) => to.notes.planeMaps.get(to.notes.blockedForms.get(x) ?? ''));
  if (!left || !right || left.scale !== undefined || left.plus !== undefined) return null;
  if (right.scale === undefined || right.shift !== undefined || right.plus !== undefined) return null;
  return keep(
    to,
    {
      source: right.source,
      scale: negative(right.scale),
      ...(left.shift ? { shift: left.shift } : {}),
      plus: left.source,
    },
    node.shape,
  );
}

/** One input in blocks of the result's shape and one of a number a plane, [N,C,1,1] or [1,C,1,1], here as [N,C,1,1]. */
function planesAndImage(
  to: OnnxEmitter,
  inputs: readonly string[],
  { inputs: sources, shape }: Node,
): { image: string; imageAt: number; planes: string } | null {
  if (!isWhole(to, shape)) return null;
  const imageAt = sources.findIndex(
    (source, i) => sameShape(source.shape, shape) && to.notes.blockedForms.has(inputs[i]!),
  );
  if (imageAt < 0) return null;
  const other = sources[1 - imageAt]!.shape;
  const isPlanes =
    other.length === 4 &&
    other[2] === 1 &&
    other[3] === 1 &&
    other[1] === shape[1] &&
    (other[0] === 1 || other[0] === shape[0]);
  if (!isPlanes || sameShape(other, shape)) return null;
  const given = inputs[1 - imageAt]!;
  const planes =
    other[0] === shape[0] ? given : to.emit('Expand', [given, to.integers([shape[0]!, shape[1]!, 1, 1])])[0]!;
  return { image: to.notes.blockedForms.get(inputs[imageAt]!)!, imageAt, planes };
}

/** Writes what becomes of planes, and keeps how it was made for what comes after. */
function keep(to: OnnxEmitter, map: PlaneMap, shape: Shape): string {
  const result = scalePlanes(to, map, shape);
  to.notes.planeMaps.set(result, map);
  return fromBlocks(to, result, shape[1]!);
}

function standardise(
  to: OnnxEmitter,
  x: string,
  shape: Shape,
  epsilon: number,
): { centred: string; inverse: string } {
  const shift = ofPlanes(to, 'Neg', [planeMeans(to, x, shape)], shape);
  const centred = scalePlanes(to, { source: x, shift }, shape);
  const variance = planeMeans(to, emitOnBlocks(to, 'Mul', [centred, centred], shape), shape);
  const moved = ofPlanes(to, 'Add', [variance, to.floats([epsilon], [])], shape);
  const inverse = ofPlanes(to, 'Reciprocal', [ofPlanes(to, 'Sqrt', [moved], shape)], shape);
  return { centred, inverse };
}

/** Whether a value's channels fill whole blocks. */
function isWhole(to: OnnxEmitter, shape: Shape): boolean {
  return shape.length === 4 && shape[1]! % to.channelBlock === 0;
}
