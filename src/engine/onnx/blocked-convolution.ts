import type { Node } from '../graph/graph.js';
import { blockedDomain, fromBlocks, roundUp, toBlocks } from './blocks.js';
import { type OnnxEmitter, strides } from './emitter.js';
import { backwards, reshape, transpose } from './node-shapes.js';

/** With fewer pixels than this in a batch, or in its only image, bringing the kernel into the layout costs more. */
const [fewestPixels, fewestOfOneImage] = [32, 256];

/** Features are filled up to whole blocks; with more than this many times the features, that costs more than it gains. */
const mostPadding = 4;

/** A convolution from `channels` to `features` with a kernel that {@link blockedKernel} or its like made. */
interface BlockedConvolution {
  readonly channels: number;
  readonly features: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number;
}

/** Whether the backend has the layout and these sizes fit into it. */
export function canBlock(
  { channelBlock }: OnnxEmitter,
  channels: number,
  features: number,
  [batch, , rows, columns]: readonly number[],
): boolean {
  return (
    channelBlock > 1 &&
    mostPadding * features >= channelBlock &&
    (channels < channelBlock || channels % channelBlock === 0) &&
    batch! * rows! * columns! >= (batch! > 1 ? fewestPixels : fewestOfOneImage)
  );
}

/** [N,C,H,W] and a blocked kernel → [N,O,H′,W′]. */
export function convolveBlocked(
  to: OnnxEmitter,
  x: string,
  kernel: string,
  { channels, features, kernelSize, stride, padding }: BlockedConvolution,
): string {
  const image = channels < to.channelBlock ? x : toBlocks(to, x, channels);
  const attributes = { kernel_shape: { ints: [kernelSize, kernelSize] }, ...strides(stride, padding) };
  const result = to.emit('Conv', [image, kernel], attributes, { domain: blockedDomain })[0]!;
  return fromBlocks(to, result, features);
}

/** A kernel [O,C,K,K] as [O/b,C/b,K,K,b of C,b of O], or [O/b,C,K,K,b] where C is below a block. */
export function blockedKernel(
  to: OnnxEmitter,
  w: string,
  [features, channels, kernel]: readonly [number, number, number],
): string {
  const block = to.channelBlock;
  const taps = kernel * kernel;
  const whole = roundUp(features, block);
  const shape = [whole, channels, kernel, kernel];
  // As one image of O channels: [1,O,C,K·K] → [O/b,C,K·K,b]. Two steps, each of which ONNX Runtime has a fast way for.
  const inmost = toBlocks(to, reshape(to, w, [1, features, channels, taps]), features);
  if (channels < block) return reshape(to, inmost, shape);
  const split = reshape(to, inmost, [(whole / block) * (channels / block), block, taps, block]);
  return reshape(to, transpose(to, split, [0, 2, 1, 3]), shape);
}

/**
 * The adjoint in x in the blocked layout: at stride 1 a convolution with the turned kernel; at stride s one that gives
 * the s·s phases of the image as channels. Null where the stride does not divide the sizes.
 */
export function blockedInputGradient(
  to: OnnxEmitter,
  g: string,
  w: string,
  node: Node<'convolutionInputGradient'>,
): string | null {
  const { stride, padding, inputSize } = node.attributes;
  const [features, channels, kernel] = node.inputs[1]!.shape as [number, number, number];
  const divides = [kernel, ...inputSize.map((size) => size + 2 * padding)].every(
    (size) => size % stride === 0,
  );
  const small = kernel / stride;
  const reach = small - 1 - (stride === 1 ? padding : 0);
  if (!divides || reach < 0) return null;

  const phases = stride * stride * channels;
  const turned =
    features % to.channelBlock === 0 && channels % to.channelBlock === 0
      ? turnedInBlocks(to, w, [features, channels, kernel], stride)
      : blockedFromTaps(to, turnedByTap(to, w, [features, channels, kernel], stride), [
          features,
          phases,
          small,
        ]);
  const result = convolveBlocked(to, g, turned, {
    channels: features,
    features: phases,
    kernelSize: small,
    stride: 1,
    padding: reach,
  });
  if (stride === 1) return result;
  const whole = to.emit('DepthToSpace', [result], { blocksize: { int: stride } })[0]!;
  return padding === 0
    ? whole
    : to.emit('Pad', [whole, to.integers([0, 0, -padding, -padding, 0, 0, -padding, -padding])])[0]!;
}

/**
 * [O,C,K,K] → the blocked kernel from O to s·s·C channels, [s·s·C/b,O/b,k,k,b of O,b of C], with k = K/s and the taps
 * of every phase backwards; both counts in whole blocks.
 */
function turnedInBlocks(
  to: OnnxEmitter,
  w: string,
  [features, channels, kernel]: readonly [number, number, number],
  stride: number,
): string {
  const block = to.channelBlock;
  const small = kernel / stride;
  // [O,C,K·K,1] → [O,C/b,K·K,b]; only whole vectors of b move from here on.
  const inmost = toBlocks(to, reshape(to, w, [features, channels, kernel * kernel, 1]), channels);
  const shape = [stride * stride * channels, features, small, small];
  if (stride === 1) {
    const taps = reshape(to, inmost, [features * (channels / block), kernel * kernel, block]);
    const split = reshape(to, kernel === 1 ? taps : backwards(to, taps, [1], kernel * kernel), [
      features / block,
      block,
      channels / block,
      kernel * kernel,
      block,
    ]);
    return reshape(to, transpose(to, split, [2, 0, 3, 1, 4]), shape);
  }
  const taps = reshape(to, inmost, [features * (channels / block), small, stride, small, stride * block]);
  const split = reshape(to, small === 1 ? taps : backwards(to, taps, [1, 3], small), [
    features / block,
    block,
    channels / block,
    small,
    stride,
    small,
    stride,
    block,
  ]);
  // → [s,s,C/b,O/b,k,k,b of O,b of C]
  return reshape(to, transpose(to, split, [4, 6, 2, 0, 3, 5, 1, 7]), shape);
}

/** [O,C,K,K] → [k·k,O,s·s·C] with k = K/s and the taps of every phase backwards. */
function turnedByTap(
  to: OnnxEmitter,
  w: string,
  [features, channels, kernel]: readonly [number, number, number],
  stride: number,
): string {
  const small = kernel / stride;
  const flat = reshape(to, w, [features * channels, kernel * kernel]);
  const tapped = transpose(to, flat, [1, 0]);
  if (stride === 1) {
    const taps = reshape(to, tapped, [kernel * kernel, features, channels]);
    return kernel === 1 ? taps : backwards(to, taps, [0], kernel * kernel);
  }
  const split = reshape(to, tapped, [small, stride, small, stride, features * channels]);
  const turned = reshape(to, backwards(to, split, [0, 2], small), [
    small,
    stride,
    small,
    stride,
    features,
    channels,
  ]);
  const phases = transpose(to, turned, [0, 2, 4, 1, 3, 5]);
  return reshape(to, phases, [small * small, features, stride * stride * channels]);
}

/** Taps [K·K,O,C] as a blocked kernel from O to C channels. */
function blockedFromTaps(
  to: OnnxEmitter,
  tapped: string,
  [features, channels, kernel]: readonly [number, number, number],
): string {
  const block = to.channelBlock;
  const taps = kernel * kernel;
  const whole = roundUp(channels, block);
  const padded =
    whole === channels
      ? tapped
      : to.emit('Pad', [tapped, to.integers([0, 0, 0, 0, 0, whole - channels])])[0]!;
  const shape = [whole, features, kernel, kernel];
  if (features < block) {
    const split = reshape(to, padded, [taps, features, whole / block, block]);
    return reshape(to, transpose(to, split, [2, 1, 0, 3]), shape);
  }
  const split = reshape(to, padded, [taps, features / block, block, whole / block, block]);
  return reshape(to, transpose(to, split, [3, 1, 0, 2, 4]), shape);
}
