import { blockedDomain, outOfBlocks, toBlocks } from './blocks.js';
import type { OnnxEmitter } from './emitter.js';
import type { KernelCorrelation, KernelGradientSizes } from './emitter-notes.js';
import { backwards, reshape, transpose } from './node-shapes.js';
import { view } from './view.js';

/** Planes of fewer pixels are better multiplied, all images of a batch at once. */
const fewestPixels = 8 * 8;

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
    const large = asKernel(to, g, [batch, features, rows, columns]);
    return correlation(to, { image, kernel: large, size: [rows, columns], gradient: 'kernel', of: sizes });
  }
  const image = batchAsChannels(to, g, [batch, features, rows, columns], kernel - 1 - padding);
  const large = asKernel(to, x, [batch, channels, height, width]);
  return correlation(to, { image, kernel: large, size: [height, width], gradient: 'image', of: sizes });
}

/** The sum of two kernel gradients of the same kernel, as one convolution that begins with the other's result; null if they are not. */
export function sumOfKernelGradients(to: OnnxEmitter, a: string, b: string): string | null {
  const [first, second] = [to.notes.correlations.get(a), to.notes.correlations.get(b)];
  if (first === undefined || second === undefined || second.plus !== undefined) return null;
  const isAlike =
    first.gradient === second.gradient &&
    first.of.features === second.of.features &&
    first.of.channels === second.of.channels &&
    first.of.kernel === second.of.kernel;
  return isAlike ? correlation(to, { ...second, plus: convolve(to, first) }) : null;
}

/** [O,C,K,K] */
function correlation(to: OnnxEmitter, made: KernelCorrelation): string {
  const { channels, features, kernel } = made.of;
  const [block, taps] = [to.channelBlock, kernel * kernel];
  const result = convolve(to, made);
  let gradient: string;
  if (made.gradient === 'kernel') {
    // [C,O/b,K·K,b] → [O/b,C,K·K·b] → [1,O,C,K·K]
    const split = reshape(to, result, [channels, features / block, taps * block]);
    const whole = features === block ? split : transpose(to, split, [1, 0, 2]);
    const joined = outOfBlocks(to, reshape(to, whole, [1, features, channels, taps]), features);
    gradient = reshape(to, joined, [features, channels, kernel, kernel]);
  } else {
    // The taps come out backwards.
    const split = reshape(to, result, [features * (channels / block), taps, block]);
    const turned = backwards(to, split, [1], taps);
    gradient = outOfBlocks(to, reshape(to, turned, [features, channels, kernel, kernel]), channels);
  }
  to.notes.correlations.set(gradient, made);
  return gradient;
}

function convolve(to: OnnxEmitter, { image, kernel, size, plus }: KernelCorrelation): string {
  const attributes = { kernel_shape: { ints: size }, pads: { ints: [0, 0, 0, 0] } };
  const inputs = [image, kernel, ...(plus === undefined ? [] : ['', plus])];
  return to.emit('Conv', inputs, attributes, { domain: blockedDomain })[0]!;
}

/** [N,C,H,W] → [C,N,H+2p,W+2p] */
function batchAsChannels(
  to: OnnxEmitter,
  x: string,
  [batch, channels, height, width]: readonly [number, number, number, number],
  padding: number,
): string {
  const blocked = to.notes.blockedForms.get(x);
  if (blocked !== undefined) return fromSwappedBlocks(to, blocked, [batch, channels, height, width], padding);
  const swapped =
    batch === 1 || channels === 1
      ? reshape(to, x, [channels, batch, height, width])
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

/** [N,C/b,H,W,b] → [C,N,H+2p,W+2p]: filled up where rows are longest, then blocks of channels as images N·(H+2p) high. */
function fromSwappedBlocks(
  to: OnnxEmitter,
  blocked: string,
  size: readonly [number, number, number, number],
  padding: number,
): string {
  const [batch, channels, height, width] = size;
  const block = to.channelBlock;
  const [rows, columns] = [height + 2 * padding, width + 2 * padding];
  const swapped = swapBatch(to, blocked, size);
  const tall = [channels / block, block, batch * rows, columns];
  const shape = [channels, batch, height, width];
  let filled = view(to, swapped, shape, tall);
  if (padding > 0) {
    const planes = view(to, swapped, shape, [(channels / block) * batch, height, width * block]);
    const amounts = [0, padding, padding * block, 0, padding, padding * block];
    filled = reshape(to, to.emit('Pad', [planes, to.integers(amounts)])[0]!, tall);
  }
  const plain = outOfBlocks(to, filled, block);
  return reshape(to, plain, [channels, batch, rows, columns]);
}
