import { type Shape, sameShape } from '../../base/shapes.js';
import { blockedDomain } from './blocks.js';
import type { OnnxEmitter } from './emitter.js';
import type { PlaneMap } from './emitter-notes.js';
import type { OnnxAttribute } from './onnx-model.js';
import { view } from './view.js';

/**
 * Every plane of [N,C/b,H,W,b] times a number of its own, plus one, in a single pass: a 1×1 convolution of each plane by
 * itself, the batch's planes as channels of one image.
 */
export function scalePlanes(to: OnnxEmitter, map: PlaneMap, shape: Shape): string {
  const form = asPlanes(shape);
  const planes = form[1]!;
  const every = [shape[0]!, shape[1]!, 1, 1];
  const kernel =
    map.scale === undefined
      ? to.floats(new Float32Array(planes).fill(1), [planes, 1, 1, 1])
      : view(to, map.scale, every, [planes, 1, 1, 1]);
  const inputs = [view(to, map.source, shape, form), kernel];
  if (map.shift !== undefined) inputs.push(view(to, map.shift, every, [planes]));
  if (map.plus !== undefined) {
    if (map.shift === undefined) inputs.push('');
    inputs.push(view(to, map.plus, shape, form));
  }
  const attributes = { kernel_shape: { ints: [1, 1] }, group: { int: planes } };
  return view(to, to.emit('Conv', inputs, attributes, { domain: blockedDomain })[0]!, form, shape);
}

/** The planes of a batch as channels of one image. */
function asPlanes([batch, channels, height, width]: Shape): Shape {
  return [1, batch! * channels!, height!, width!];
}

/** An operator on values in blocks, all of a shape, in the form in which most of them are. */
export function emitOnBlocks(
  to: OnnxEmitter,
  opType: string,
  operands: readonly string[],
  shape: Shape,
  {
    attributes = {},
    numbers = [],
  }: { attributes?: Readonly<Record<string, OnnxAttribute>>; numbers?: readonly string[] } = {},
): string {
  const planes = asPlanes(shape);
  const form = operands.some((x) => sameShape(to.notes.views.get(x)?.shape ?? [], planes)) ? planes : shape;
  const inputs = [...operands.map((x) => view(to, x, shape, form)), ...numbers];
  return view(to, to.emit(opType, inputs, attributes)[0]!, form, shape);
}

/** Sums of all planes, [N,C/b,H,W,b] → [N,C,1,1]. */
export function planeSums(to: OnnxEmitter, x: string, shape: Shape): string {
  const pixels = to.floats([shape[2]! * shape[3]!], []);
  return ofPlanes(to, 'Mul', [planeMeans(to, x, shape), pixels], shape);
}

/** Means of all planes, [N,C/b,H,W,b] → [N,C,1,1]. */
export function planeMeans(to: OnnxEmitter, x: string, shape: Shape): string {
  const planes = asPlanes(shape);
  const means = to.emit('GlobalAveragePool', [view(to, x, shape, planes)], {}, { domain: blockedDomain })[0]!;
  return view(to, means, [1, planes[1]!, 1, 1], [shape[0]!, shape[1]!, 1, 1]);
}

/** An operator on a number a plane, [N,C,1,1], and single numbers. */
export function ofPlanes(
  to: OnnxEmitter,
  opType: string,
  [x, ...numbers]: readonly string[],
  [batch, channels]: Shape,
): string {
  const [every, planes] = [
    [batch!, channels!, 1, 1],
    [1, batch! * channels!, 1, 1],
  ];
  const form = sameShape(to.notes.views.get(x!)?.shape ?? [], planes) ? planes : every;
  return view(to, to.emit(opType, [view(to, x!, every, form), ...numbers])[0]!, form, every);
}
