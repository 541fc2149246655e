import { type OnnxEmitter, type OnnxRule, strides } from './onnx-emitter.js';

/** With fewer kernels than this, stacking the images costs more than it gains. */
const manyWeights = 128 * 128;
/** Below this many pixels a plane is so small that products over the whole batch are faster than one per image. */
const smallPlane = 8 * 8;

/** The convolution; that of small planes runs over all images of a batch at once. */
export const emitConvolution: OnnxRule<'convolution'> = (to, [x, w], node) => {
  const { stride, padding } = node.attributes;
  const size = node.inputs[0]!.shape as readonly [number, number, number, number];
  const kernel = node.inputs[1]!.shape[2]!;
  const attributes = strides(stride, padding);
  const convolve = (image: string): string => to.emit('Conv', [image, w!], attributes)[0]!;
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
  const swap = { perm: { ints: [1, 0, 2, 3] } };
  const byChannel = to.emit('Transpose', [spaced], swap)[0]!;
  const result = apply(reshape(to, byChannel, [1, channels, batch * apart, columns]));
  // [1,O,N·(H+r),W] → [O,N,H+r,W] → [O,N,H,W] → [N,O,H,W]
  const split = reshape(to, result, [features, batch, apart, columns]);
  const kept = to.emit('Slice', [split, to.integers([0]), to.integers([rows]), to.integers([2])])[0]!;
  return to.emit('Transpose', [kept], swap)[0]!;
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
  const centred = stride === 1 && kernel === 2 * padding + 1;
  const everyImage = (apply: (image: string) => string): string =>
    centred && isManySmallPlanes(size, channels)
      ? overMergedBatch(to, g!, size, channels, padding, apply)
      : apply(g!);
  if (stride === 1 && padding < kernel && 2 * features <= batch * rows * columns) {
    const turned = turnedKernel(to, w!, features, channels, kernel);
    return everyImage((image) => to.emit('Conv', [image, turned], strides(1, kernel - 1 - padding))[0]!);
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
  const swapped = to.emit('Transpose', [w], { perm: { ints: [1, 0, 2, 3] } })[0]!;
  if (kernel === 1) return swapped;
  const taps = kernel * kernel;
  const exchange = Float32Array.from({ length: taps * taps }, (_, i) =>
    Math.floor(i / taps) + (i % taps) === taps - 1 ? 1 : 0,
  );
  const flat = reshape(to, swapped, [channels * features, taps]);
  const reversed = to.emit('MatMul', [flat, to.floats(exchange, [taps, taps])])[0]!;
  return reshape(to, reversed, [channels, features, kernel, kernel]);
}

/** The adjoint in w: at stride 1 one matrix product a tap; larger strides are brought to stride 1 first. */
export const emitKernelGradient: OnnxRule<'convolutionKernelGradient'> = (to, [x, g], node) => {
  const { stride, padding, kernelSize } = node.attributes;
  const [batch, channels, height, width] = node.inputs[0]!.shape as [number, number, number, number];
  const [, features, rows, columns] = node.inputs[1]!.shape as [number, number, number, number];
  const sizes = { batch, features, rows, columns };
  if (stride === 1) {
    return tapProducts(to, x!, g!, { ...sizes, channels, height, width, padding, kernel: kernelSize });
  }
  if (
    kernelSize % stride !== 0 ||
    (height + 2 * padding) % stride !== 0 ||
    (width + 2 * padding) % stride !== 0
  ) {
    return dilatedConvolution(to, x!, g!, node.attributes, [height, width], [rows, columns]);
  }
  // A K×K kernel at stride s is a (K/s)×(K/s) kernel at stride 1 over the s² phases of the image:
  // [N,C,H+2p,W+2p] → [N,s·s·C,(H+2p)/s,(W+2p)/s]
  const padded = to.emit('Pad', [x!, to.integers([0, 0, padding, padding, 0, 0, padding, padding])])[0]!;
  const phases = to.emit('SpaceToDepth', [padded], { blocksize: { int: stride } })[0]!;
  const small = kernelSize / stride;
  const gradient = tapProducts(to, phases, g!, {
    ...sizes,
    channels: stride * stride * channels,
    height: (height + 2 * padding) / stride,
    width: (width + 2 * padding) / stride,
    padding: 0,
    kernel: small,
  });
  // [O,s·s·C,k,k] → [O,s,s,C,k,k] → [O,C,k,s,k,s] → [O,C,K,K]
  const split = reshape(to, gradient, [features, stride, stride, channels, small, small]);
  const ordered = to.emit('Transpose', [split], { perm: { ints: [0, 3, 4, 1, 5, 2] } })[0]!;
  return reshape(to, ordered, [features, channels, kernelSize, kernelSize]);
};

interface TapSizes {
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
 * Kernel gradient at stride 1: Σ over pixels of x moved by the tap, times g. The one with fewer channels is moved along
 * rows and the other one along columns, so that K + K moved tensors serve all K·K taps, each with one product over
 * the pixels.
 */
function tapProducts(to: OnnxEmitter, x: string, g: string, sizes: TapSizes): string {
  const { batch, channels, features, height, width, rows, columns, padding, kernel } = sizes;
  const taps = Array.from({ length: kernel }, (_, tap) => tap);
  const together = rows * columns <= smallPlane;
  const image = together ? byChannel(to, x) : x;
  const upstream = together ? byChannel(to, g) : g;
  if (together && batch * rows * columns < features) {
    // Fewer numbers in all views of the image than in all products: the views are joined, [C,K·K,N·L], not those.
    const pixels = batch * rows * columns;
    const views = taps.flatMap((down) =>
      taps.map((across) => {
        const moved = moveRows(to, image, height, rows, down - padding);
        return reshape(to, moveColumns(to, moved, width, columns, across - padding), [channels, 1, pixels]);
      }),
    );
    const joined = reshape(to, concat(to, views, 1), [channels * kernel * kernel, pixels]);
    const flat = reshape(to, upstream, [features, pixels]);
    return reshape(to, productWithTransposed(to, flat, joined, [1, 0]), [features, channels, kernel, kernel]);
  }

  const imageAcross = channels <= features;
  const [planeRows, planeColumns] = imageAcross ? [height, columns] : [rows, width];
  const pixels = planeRows * planeColumns;
  const flat = (value: string, count: number): string =>
    reshape(to, value, together ? [count, batch * pixels] : [batch, count, pixels]);
  const images = taps.map((tap) =>
    flat(
      imageAcross
        ? moveColumns(to, image, width, columns, tap - padding)
        : moveRows(to, image, height, rows, tap - padding),
      channels,
    ),
  );
  const upstreams = taps.map((tap) =>
    flat(
      imageAcross
        ? moveRows(to, upstream, rows, height, padding - tap)
        : moveColumns(to, upstream, columns, width, padding - tap),
      features,
    ),
  );
  const products = taps.flatMap((down) =>
    taps.map((across) => {
      const [left, right] = imageAcross
        ? [upstreams[down]!, images[across]!]
        : [upstreams[across]!, images[down]!];
      return productWithTransposed(to, left, right, together ? [1, 0] : [0, 2, 1]);
    }),
  );
  // [N,K·K·O,C] → [K·K·O,C] → [K·K,O,C] → [O,C,K·K]
  const joined = together ? concat(to, products, 0) : sumOverBatch(to, concat(to, products, 1));
  const byTap = reshape(to, joined, [kernel * kernel, features, channels]);
  const byFeature = kernel === 1 ? byTap : to.emit('Transpose', [byTap], { perm: { ints: [1, 2, 0] } })[0]!;
  return reshape(to, byFeature, [features, channels, kernel, kernel]);
}

/** [N,C,H,W] → [C,N,H,W], so that a product runs over the whole batch. */
function byChannel(to: OnnxEmitter, x: string): string {
  return to.emit('Transpose', [x], { perm: { ints: [1, 0, 2, 3] } })[0]!;
}

/** Row r of the result is row r + by of x, zeros where there is none. */
function moveRows(to: OnnxEmitter, x: string, from: number, count: number, by: number): string {
  return move(to, x, 2, [-by, count - from + by]);
}

/** Column c of the result is column c + by of x, zeros where there is none. */
function moveColumns(to: OnnxEmitter, x: string, from: number, count: number, by: number): string {
  return move(to, x, 3, [-by, count - from + by]);
}

/** Zeros before and after along an axis; below 0, as many places are cut off. */
function move(to: OnnxEmitter, x: string, axis: number, [before, after]: readonly [number, number]): string {
  if (before === 0 && after === 0) return x;
  const amounts = [before, after].flatMap((amount) => [0, 1, 2, 3].map((i) => (i === axis ? amount : 0)));
  return to.emit('Pad', [x, to.integers(amounts)])[0]!;
}

function concat(to: OnnxEmitter, parts: readonly string[], axis: number): string {
  return parts.length === 1 ? parts[0]! : to.emit('Concat', parts, { axis: { int: axis } })[0]!;
}

/** For strides that do not divide the sizes: the gradient is a kernel with holes, walking over the image. */
function dilatedConvolution(
  to: OnnxEmitter,
  x: string,
  g: string,
  { stride, padding, kernelSize }: { stride: number; padding: number; kernelSize: number },
  size: readonly [number, number],
  outputSize: readonly [number, number],
): string {
  const image = to.emit('Transpose', [x], { perm: { ints: [1, 0, 2, 3] } })[0]!;
  const kernel = to.emit('Transpose', [g], { perm: { ints: [1, 0, 2, 3] } })[0]!;
  // Rows that the stride never reached are left out, so that exactly K×K places remain.
  const after = size.map((side, axis) => kernelSize + (outputSize[axis]! - 1) * stride - side - padding) as [
    number,
    number,
  ];
  const whole = to.emit('Pad', [image, to.integers([0, 0, padding, padding, 0, 0, ...after])])[0]!;
  const result = to.emit('Conv', [whole, kernel], { dilations: { ints: [stride, stride] } })[0]!;
  return to.emit('Transpose', [result], { perm: { ints: [1, 0, 2, 3] } })[0]!;
}

function reshape(to: OnnxEmitter, x: string, shape: readonly number[]): string {
  return to.emit('Reshape', [x, to.integers(shape)])[0]!;
}

function productWithTransposed(
  to: OnnxEmitter,
  a: string,
  b: string,
  permutation: readonly number[],
): string {
  return to.emit('MatMul', [a, to.emit('Transpose', [b], { perm: { ints: permutation } })[0]!])[0]!;
}

function sumOverBatch(to: OnnxEmitter, x: string): string {
  return to.emit('ReduceSum', [x, to.integers([0])], { keepdims: { int: 0 } })[0]!;
}
