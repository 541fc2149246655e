import type { Shape } from '../../base/shapes.js';
import { sizeOf } from '../../base/shapes.js';
import type { OnnxEmitter } from './onnx-emitter.js';
import { view } from './onnx-view.js';

const domain = 'com.microsoft.nchwc';

/** source · scale + shift + plus: source and plus in blocks, scale and shift one number a plane. */
export interface PlaneMap {
  readonly source: string;
  /** [N,C,1,1]; 1 when left out. */
  readonly scale?: string;
  /** [N,C,1,1]; 0 when left out. */
  readonly shift?: string;
  readonly plus?: string;
}

/**
 * Every plane of [N,C/b,H,W,b] times a number of its own, plus one, in a single pass: a 1×1 convolution of each plane by
 * itself, the batch's planes as channels of one image.
 */
export function scalePlanes(to: OnnxEmitter, map: PlaneMap, shape: Shape): string {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const planes = batch * channels;
  const [every, asPlanes] = [
    [batch, channels, 1, 1],
    [1, planes, height, width],
  ];
  const kernel =
    map.scale === undefined
      ? to.floats(new Float32Array(planes).fill(1), [planes, 1, 1, 1])
      : view(to, map.scale, every, [planes, 1, 1, 1]);
  const inputs = [view(to, map.source, shape, asPlanes), kernel];
  if (map.shift !== undefined) inputs.push(view(to, map.shift, every, [planes]));
  if (map.plus !== undefined) {
    if (map.shift === undefined) inputs.push('');
    inputs.push(view(to, map.plus, shape, asPlanes));
  }
  const result = to.emit(
    'Conv',
    inputs,
    {
      kernel_shape: { ints: [1, 1] },
      group: { int: planes },
    },
    { domain },
  )[0]!;
  return view(to, result, asPlanes, shape);
}

/** Sums of all planes, [N,C/b,H,W,b] → [N,C,1,1]. */
export function planeSums(to: OnnxEmitter, x: string, shape: Shape): string {
  return reduce(to, 'ReduceSum', x, shape);
}

/** Means of all planes, [N,C/b,H,W,b] → [N,C,1,1]. */
export function planeMeans(to: OnnxEmitter, x: string, shape: Shape): string {
  return reduce(to, 'ReduceMean', x, shape);
}

function reduce(to: OnnxEmitter, opType: 'ReduceSum' | 'ReduceMean', x: string, shape: Shape): string {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const pixels = height * width;
  const block = to.channelBlock;
  const groups = sizeOf(shape) / (pixels * block);
  const rows = view(to, x, shape, [groups, pixels, block]);
  const reduced = to.emit(opType, [rows, to.integers([1])], { keepdims: { int: 1 } })[0]!;
  return view(to, reduced, [groups, 1, block], [batch, channels, 1, 1]);
}
