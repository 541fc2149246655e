import { fromBlocks, toBlocks } from './onnx-blocked-convolution.js';
import type { OnnxEmitter } from './onnx-emitter.js';
import { view } from './onnx-view.js';

const domain = 'com.microsoft.nchwc';

/** Planes of fewer pixels are better multiplied, all images of a batch at once. */
const fewestPixels = 8 * 8;

/** A kernel gradient at stride 1. */
export interface KernelGradientSizes {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly features: number;
  readonly rows: number;
  readonly columns: number;
  readonly padding: number;
  readonly kernel: number;
}

/**
 * The kernel gradient at stride 1 as one convolution in the blocked layout, of K·K results: one of the two tensors is
 * the image, its channels as a batch and the batch as channels, the other one in blocks is a kernel as large as its
 * planes, [O/b,N,H′,W′,b]. Null where the sizes do not fit or matrix products are faster.
 *
 * @returns [O,C,K,K]
 */
export function blockedKernelGradient(
  to: OnnxEmitter,
  x: string,
  g: string,
  sizes: KernelGradientSizes,
): string | null {
  const { batch, channels, features, height, width, rows, columns, padding, kernel } = sizes;
  const block = to.channelBlock;
  if (block < 2 || batch >= block || kernel === 1 || rows * columns < fewestPixels) return null;
  // The runtime computes up to four blocks of results at once: the more, the better.
  const fits = (count: number): number => (count % block === 0 ? Math.min(count, 4 * block) : 0);
  if (fits(features) === 0 && fits(channels) === 0) return null;
  if (fits(features) >= fits(channels)) {
    const image = batchAsChannels(to, x, [batch, channels, height, width], padding);
    const result = correlate(to, image, asKernel(to, g, [batch, features, rows, columns]), rows, columns);
    // [C,O/b,K·K,b] → [O/b,C,K·K·b] → [1,O,C,K·K]
    const taps = kernel * kernel;
    const split = reshape(to, result, [channels, features / block, taps * block]);
    const whole = features === block ? split : transpose(to, split, [1, 0, 2]);
    const plain = fromBlocks(to, reshape(to, whole, [1, features, channels, taps]), features);
    return reshape(to, plain, [features, channels, kernel, kernel]);
  }
  // The other way round the gradient is the image, and taps come out backwards.
  const image = batchAsChannels(to, g, [batch, features, rows, columns], kernel - 1 - padding);
  const result = correlate(to, image, asKernel(to, x, [batch, channels, height, width]), height, width);
  const taps = reshape(to, result, [features * (channels / block), kernel * kernel, block]);
  const turned = to.emit('Gather', [taps, reversed(to, kernel * kernel)], { axis: { int: 1 } })[0]!;
  return fromBlocks(to, reshape(to, turned, [features, channels, kernel, kernel]), channels);
}

function correlate(to: OnnxEmitter, image: string, kernel: string, rows: number, columns: number): string {
  const attributes = { kernel_shape: { ints: [rows, columns] }, pads: { ints: [0, 0, 0, 0] } };
  return to.emit('Conv', [image, kernel], attributes, { domain })[0]!;
}

/** [N,C,H,W] → [C,N,H+2p,W+2p] */
function batchAsChannels(
  to: OnnxEmitter,
  x: string,
  [batch, channels, height, width]: readonly [number, number, number, number],
  padding: number,
): string {
  const shape = [channels, batch, height, width];
  const blocked = to.blockedForms.get(x);
  const swapped =
    blocked !== undefined
      ? fromSwappedBlocks(to, swapBatch(to, blocked, [batch, channels, height, width]), shape)
      : batch === 1 || channels === 1
        ? reshape(to, x, shape)
        : transpose(to, x, [1, 0, 2, 3]);
  if (padding === 0) return swapped;
  return to.emit('Pad', [swapped, to.integers([0, 0, padding, padding, 0, 0, padding, padding])])[0]!;
}

/** [N,O,H,W] → [O/b,N,H,W,b] */
function asKernel(to: OnnxEmitter, x: string, size: readonly [number, number, number, number]): string {
  return swapBatch(to, toBlocks(to, x, size[1]), size);
}

/** [N,C/b,H,W,b] → [C/b,N,H,W,b], which is a kernel from N to C channels. */
function swapBatch(
  to: OnnxEmitter,
  blocked: string,
  [batch, channels, rows, columns]: readonly [number, number, number, number],
): string {
  const block = to.channelBlock;
  const [from, shape] = [
    [batch, channels, rows, columns],
    [channels, batch, rows, columns],
  ];
  if (batch === 1 || channels === block) return view(to, blocked, from, shape);
  const rest = rows * columns * block;
  const split = view(to, blocked, from, [batch, channels / block, rest]);
  return view(to, transpose(to, split, [1, 0, 2]), [channels / block, batch, rest], shape);
}

/** [C/b,N,H,W,b] → [C,N,H,W]: blocks of channels as a batch of images N·H rows high. */
function fromSwappedBlocks(to: OnnxEmitter, x: string, shape: readonly number[]): string {
  const [channels, batch, rows, columns] = shape as [number, number, number, number];
  const block = to.channelBlock;
  const tall = view(to, x, shape, [channels / block, block, batch * rows, columns]);
  const plain = to.emit('ReorderOutput', [tall], { channels: { int: block } }, { domain })[0]!;
  return reshape(to, plain, shape);
}

function reversed(to: OnnxEmitter, count: number): string {
  return to.integers(Array.from({ length: count }, (_, i) => count - 1 - i));
}

function reshape(to: OnnxEmitter, x: string, shape: readonly number[]): string {
  return to.emit('Reshape', [x, to.integers(shape)])[0]!;
}

function transpose(to: OnnxEmitter, x: string, permutation: readonly number[]): string {
  return to.emit('Transpose', [x], { perm: { ints: permutation } })[0]!;
}
