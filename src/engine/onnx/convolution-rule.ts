import { blockedInputGradient, blockedKernel, canBlock, convolveBlocked } from './blocked-convolution.js';
import { emitConv } from './conv-node.js';
import { type OnnxEmitter, type OnnxRule, strides } from './emitter.js';
import { reshape, transpose } from './node-shapes.js';

/** With fewer kernels than this, stacking the images costs more than it gains. */
const manyWeights = 128 * 128;
/** Below this many pixels a plane is so small that products over the whole batch are faster than one per image. */
const smallPlane = 8 * 8;

/** The convolution; that of small planes runs over all images of a batch at once. */
export const emitConvolution: OnnxRule<'convolution'> = (to, [x, w], node) => {
  const { stride, padding } = node.attributes;
  const size = node.inputs[0]!.shape as readonly [number, number, number, number];
  const kernel = node.inputs[1]!.shape[2]!;
  const [features, channels] = node.inputs[1]!.shape as [number, number];
  if (node.inputs[1]!.op !== 'constant' && canBlock(to, channels, features, node.shape)) {
    const blocked = blockedKernel(to, w!, [features, channels, kernel]);
    return convolveBlocked(to, x!, blocked, { channels, features, kernelSize: kernel, stride, padding });
  }
  const attributes = strides(stride, padding);
  // Fixed weights are those of a model file, which goes anywhere.
  const everywhere = to.operators === 'common' || node.inputs[1]!.op === 'constant';
  const convolve = (image: string): string =>
    emitConv(to, image, { weights: w!, features, channels, size: kernel }, attributes, everywhere);
  return stride === 1 && kernel === 2 * padding + 1 && isManySmallPlanes(size, node.shape[1]!)
    ? overMergedBatch(to, x!, size, node.shape[1]!, padding, convolve)
    : convolve(x!);
};

/** ONNX Runtime multiplies image by image, and the few columns of a small plane keep only one core busy. */
function isManySmallPlanes([batch, channels, rows, columns]: readonly number[], features: number): boolean {
  return batch! > 1 && rows! * columns! <= smallPlane && channels! * features >= manyWeights;
}

/**
 * Stacks the images of a batch on each other, with as many rows of zeros between as a kernel reaches, applies
 * something that keeps rows and columns, and takes the stack apart again.
 *
 * @param size [N,C,H,W] of x
 */
function overMergedBatch(
  to: OnnxEmitter,
  x: string,
  [batch, channels, rows, columns]: readonly [number, number, number, number],
  features: number,
  reach: number,
  apply: (merged: string) => string,
): string {
  const apart = rows + reach;
  // [N,C,H,W] → [N,C,H+r,W] → [C,N,H+r,W] → [1,C,N·(H+r),W]
  const spaced = to.emit('Pad', [x, to.integers([0, 0, 0, 0, 0, 0, reach, 0])])[0]!;
  const byChannel = transpose(to, spaced, [1, 0, 2, 3]);
  const result = apply(reshape(to, byChannel, [1, channels, batch * apart, columns]));
  // [1,O,N·(H+r),W] → [O,N,H+r,W] → [O,N,H,W] → [N,O,H,W]
  const split = reshape(to, result, [features, batch, apart, columns]);
  const kept = to.emit('Slice', [split, to.integers([0]), to.integers([rows]), to.integers([2])])[0]!;
  return transpose(to, kept, [1, 0, 2, 3]);
}

/**
 * The adjoint in x. At stride 1 it is a plain convolution with the turned kernel, which ONNX Runtime computes up
 * to three times faster than a transposed one as long as the kernel is small beside the image.
 */
export const emitInputGradient: OnnxRule<'convolutionInputGradient'> = (to, [g, w], node) => {
  const { stride, padding, inputSize } = node.attributes;
  const [batch, , rows, columns] = node.inputs[0]!.shape as [number, number, number, number];
  const [features, channels, kernel] = node.inputs[1]!.shape as [number, number, number];
  const size = node.inputs[0]!.shape as readonly [number, number, number, number];
  if (canBlock(to, features, channels, node.inputs[0]!.shape)) {
    const blocked = blockedInputGradient(to, g!, w!, node);
    if (blocked !== null) return blocked;
  }
  const centred = stride === 1 && kernel === 2 * padding + 1;
  const everyImage = (apply: (image: string) => string): string =>
    centred && isManySmallPlanes(size, channels)
      ? overMergedBatch(to, g!, size, channels, padding, apply)
      : apply(g!);
  if (stride === 1 && padding < kernel && 2 * features <= batch * rows * columns) {
    const turned = turnedKernel(to, w!, features, channels, kernel);
    // What was O is now C.
    const sizes = { weights: turned, features: channels, channels: features, size: kernel };
    const attributes = strides(1, kernel - 1 - padding);
    return everyImage((image) => emitConv(to, image, sizes, attributes, to.operators === 'common'));
  }
  const extra = inputSize.map(
    (size, axis) => size - (([rows, columns][axis]! - 1) * stride + kernel - 2 * padding),
  );
  const attributes = { ...strides(stride, padding), output_padding: { ints: extra } };
  return everyImage((image) => to.emit('ConvTranspose', [image, w!], attributes)[0]!);
};

/** [O,C,K,K] → [C,O,K,K] turned by 180°: the taps are reversed by a product with the exchange matrix. */
function turnedKernel(
  to: OnnxEmitter,
  w: string,
  features: number,
  channels: number,
  kernel: number,
): string {
  const swapped = transpose(to, w, [1, 0, 2, 3]);
  if (kernel === 1) return swapped;
  const taps = kernel * kernel;
  const exchange = Float32Array.from({ length: taps * taps }, (_, i) =>
    Math.floor(i / taps) + (i % taps) === taps - 1 ? 1 : 0,
  );
  const flat = reshape(to, swapped, [channels * features, taps]);
  const reversed = to.emit('MatMul', [flat, to.floats(exchange, [taps, taps])])[0]!;
  return reshape(to, reversed, [channels, features, kernel, kernel]);
}
