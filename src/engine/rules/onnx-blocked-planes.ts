import type { Shape } from '../../base/shapes.js';
import { sizeOf } from '../../base/shapes.js';
import type { OnnxEmitter } from './onnx-emitter.js';

const domain = 'com.microsoft.nchwc';

/** activation(source · scale + shift + plus): source and plus in blocks, scale and shift one number a plane. */
export interface PlaneMap {
  readonly source: string;
  /** [N,C,1,1]; 1 when left out. */
  readonly scale?: string;
  /** [N,C,1,1]; 0 when left out. */
  readonly shift?: string;
  readonly plus?: string;
  readonly activation?: { readonly kind: 'LeakyRelu' | 'Clip'; readonly parameters: readonly number[] };
}

/**
 * Every plane of [N,C/b,H,W,b] times a number of its own, plus one, in a single pass: a 1×1 convolution of each plane by
 * itself, the batch's planes as channels of one image.
 */
export function scalePlanes(to: OnnxEmitter, map: PlaneMap, shape: Shape): string {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const planes = batch * channels;
  const asPlanes = (x: string): string => reshape(to, x, [1, planes, height, width]);
  const kernelShape = [planes, 1, 1, 1];
  const kernel =
    map.scale === undefined ? to.floats(new Float32Array(planes).fill(1), kernelShape) : reshape(to, map.scale, kernelShape);
  const inputs = [asPlanes(map.source), kernel];
  if (map.shift !== undefined) inputs.push(reshape(to, map.shift, [planes]));
  if (map.plus !== undefined) {
    if (map.shift === undefined) inputs.push('');
    inputs.push(asPlanes(map.plus));
  }
  const result = to.emit(
    'Conv',
    inputs,
    {
      kernel_shape: { ints: [1, 1] },
      group: { int: planes },
      ...(map.activation === undefined
        ? {}
        : {
            activation: { text: map.activation.kind },
            activation_params: { floats: map.activation.parameters },
          }),
    },
    { domain },
  )[0]!;
  return reshape(to, result, shape);
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
  const rows = reshape(to, x, [sizeOf(shape) / (pixels * block), pixels, block]);
  const reduced = to.emit(opType, [rows, to.integers([1])], { keepdims: { int: 1 } })[0]!;
  return reshape(to, reduced, [batch, channels, 1, 1]);
}

function reshape(to: OnnxEmitter, x: string, shape: Shape): string {
  return to.emit('Reshape', [x, to.integers(shape)])[0]!;
}
