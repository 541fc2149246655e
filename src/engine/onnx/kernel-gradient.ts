import { blockedKernelGradient } from './blocked-kernel-gradient.js';
import type { OnnxEmitter, OnnxRule } from './emitter.js';
import type { KernelGradientSizes } from './emitter-notes.js';
import { longProductParts } from './long-product.js';
import { moveColumns, moveRows, type Planes } from './move-planes.js';
import { reshape, transpose } from './node-shapes.js';

/** Up to this many pixels a plane is so small that one product over the whole batch is faster than one per image. */
const smallPlane = 8 * 8;
/** Up to this many rows, the views of an image for all taps are joined into one factor. */
const fewViews = 64;

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
  const phases = phasesOf(to, padded, stride, [batch, channels, height + 2 * padding, width + 2 * padding]);
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
  const ordered = transpose(to, split, [0, 3, 4, 1, 5, 2]);
  return reshape(to, ordered, [features, channels, kernelSize, kernelSize]);
};

/** [N,C,H,W] → [N,s·s·C,H/s,W/s]. The WebGPU backend has no SpaceToDepth. */
function phasesOf(
  to: OnnxEmitter,
  x: string,
  stride: number,
  [batch, channels, height, width]: readonly [number, number, number, number],
): string {
  if (to.operators === 'all') return to.emit('SpaceToDepth', [x], { blocksize: { int: stride } })[0]!;
  const [rows, columns] = [height / stride, width / stride];
  const split = reshape(to, x, [batch, channels, rows, stride, columns, stride]);
  const ordered = transpose(to, split, [0, 3, 5, 1, 2, 4]);
  return reshape(to, ordered, [batch, stride * stride * channels, rows, columns]);
}

/**
 * Kernel gradient at stride 1: for every tap, Σ over pixels of x moved by the tap, times g. The tensor with fewer
 * channels is moved along rows and the other one along columns, so that K + K moved tensors serve all K·K taps.
 */
function tapProducts(to: OnnxEmitter, x: string, g: string, sizes: KernelGradientSizes): string {
  const blocked = blockedKernelGradient(to, x, g, sizes);
  if (blocked !== null) return blocked;
  const { batch, channels, features, height, width, rows, columns, padding, kernel } = sizes;
  const together = rows * columns <= smallPlane;
  const image: Planes = together
    ? { value: byChannel(to, x), lead: [channels, batch], rows: height, columns: width }
    : { value: x, lead: [batch, channels], rows: height, columns: width };
  const upstream: Planes = together
    ? { value: byChannel(to, g), lead: [features, batch], rows, columns }
    : { value: g, lead: [batch, features], rows, columns };
  const fewNumbers = together && batch * rows * columns < features;
  if (fewNumbers || (!together && channels * kernel * kernel <= fewViews))
    return viewsTimesGradient(to, image, upstream, sizes, together);

  const taps = Array.from({ length: kernel }, (_, tap) => tap - padding);
  const imageAcross = channels <= features;
  const images = taps.map((by) =>
    imageAcross ? moveColumns(to, image, by, columns) : moveRows(to, image, by, rows),
  );
  const upstreams = taps.map((by) =>
    imageAcross ? moveRows(to, upstream, -by, height) : moveColumns(to, upstream, -by, width),
  );
  const parts = together ? 1 : longProductParts(to, sizes);
  const products = taps.flatMap((_, down) =>
    taps.map((_, across) => {
      const [left, right] = imageAcross ? [down, across] : [across, down];
      return productOverPixels(to, upstreams[left]!, images[right]!, together, parts);
    }),
  );
  // [N,P,K·K·O,C] → [K·K·O,C] → [K·K,O,C] → [O,C,K·K]
  const joined = together
    ? concat(to, products, 0)
    : sumOverParts(to, concat(to, products, parts === 1 ? 1 : 2), parts);
  const byTap = reshape(to, joined, [kernel * kernel, features * channels]);
  return reshape(to, kernel === 1 ? byTap : turned(to, byTap), [features, channels, kernel, kernel]);
}

/** All taps in one product of the gradient and the joined views of the image: fewer numbers than in all products. */
function viewsTimesGradient(
  to: OnnxEmitter,
  image: Planes,
  upstream: Planes,
  { batch, channels, features, padding, kernel }: KernelGradientSizes,
  together: boolean,
): string {
  const taps = Array.from({ length: kernel }, (_, tap) => tap - padding);
  const { rows, columns } = upstream;
  const pixels = rows * columns;
  const views = taps.flatMap((down) => {
    const moved = moveRows(to, image, down, rows);
    return taps.map((across) => moveColumns(to, moved, across, columns).value);
  });
  const all = channels * kernel * kernel;
  if (together) {
    // [C,1,N·L] of every tap → [C·K·K,N·L]
    const flat = views.map((view) => reshape(to, view, [channels, 1, batch * pixels]));
    const joined = reshape(to, concat(to, flat, 1), [all, batch * pixels]);
    const gradient = reshape(to, upstream.value, [features, batch * pixels]);
    return reshape(to, timesTransposed(to, gradient, joined, [1, 0]), [features, channels, kernel, kernel]);
  }
  // [N,C,H,W] of every tap → [N,K·K·C,L]; the product [N,O,K·K·C] → [O,K·K,C] → [O,C,K·K]
  const parts = longProductParts(to, { batch, features, channels: all, rows, columns });
  const joined: Planes = { value: concat(to, views, 1), lead: [batch, all], rows, columns };
  const product = sumOverParts(to, productOverPixels(to, upstream, joined, false, parts), parts);
  const byTap = reshape(to, product, [features, kernel * kernel, channels]);
  const ordered = channels === 1 ? byTap : transpose(to, byTap, [0, 2, 1]);
  return reshape(to, ordered, [features, channels, kernel, kernel]);
}

/**
 * [N,O,L] · [N,C,L]ᵀ → [N,O,C]; with the channels first [O,N·L] · [C,N·L]ᵀ → [O,C]; in several parts of the pixels
 * [N,P,O,L/P] · [N,P,C,L/P]ᵀ → [N,P,O,C].
 */
function productOverPixels(
  to: OnnxEmitter,
  a: Planes,
  b: Planes,
  channelsFirst: boolean,
  parts: number,
): string {
  const flat = ({ value, lead: [first, second], rows, columns }: Planes): string => {
    const pixels = rows * columns;
    if (channelsFirst) return reshape(to, value, [first, second * pixels]);
    return reshape(to, value, parts === 1 ? [first, second, pixels] : [first, second, parts, pixels / parts]);
  };
  if (parts === 1) return timesTransposed(to, flat(a), flat(b), channelsFirst ? [1, 0] : [0, 2, 1]);
  // [N,O,P,l] → [N,P,O,l], [N,C,P,l] → [N,P,l,C]
  const left = transpose(to, flat(a), [0, 2, 1, 3]);
  return timesTransposed(to, left, flat(b), [0, 2, 3, 1]);
}

/** [C,N,H,W] of [N,C,H,W], so that a product runs over the whole batch. */
function byChannel(to: OnnxEmitter, x: string): string {
  return transpose(to, x, [1, 0, 2, 3]);
}

/** The transpose of a matrix. ONNX Runtime would merge a Transpose with the reshape behind it, into a slow one. */
function turned(to: OnnxEmitter, matrix: string): string {
  return to.operators === 'all'
    ? to.emit('Einsum', [matrix], { equation: { text: 'ab->ba' } })[0]!
    : transpose(to, matrix, [1, 0]);
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
  const image = transpose(to, x, [1, 0, 2, 3]);
  const kernel = transpose(to, g, [1, 0, 2, 3]);
  // Rows that the stride never reached are left out, so that exactly K×K places remain.
  const after = size.map((side, axis) => kernelSize + (outputSize[axis]! - 1) * stride - side - padding) as [
    number,
    number,
  ];
  const whole = to.emit('Pad', [image, to.integers([0, 0, padding, padding, 0, 0, ...after])])[0]!;
  const result = to.emit('Conv', [whole, kernel], { dilations: { ints: [stride, stride] } })[0]!;
  return transpose(to, result, [1, 0, 2, 3]);
}

function concat(to: OnnxEmitter, parts: readonly string[], axis: number): string {
  return parts.length === 1 ? parts[0]! : to.emit('Concat', parts, { axis: { int: axis } })[0]!;
}

function timesTransposed(to: OnnxEmitter, a: string, b: string, permutation: readonly number[]): string {
  return to.emit('MatMul', [a, transpose(to, b, permutation)])[0]!;
}

/** Σ over the batch, and over the parts that a product was taken in. */
function sumOverParts(to: OnnxEmitter, x: string, parts: number): string {
  return to.emit('ReduceSum', [x, to.integers(parts === 1 ? [0] : [0, 1])], { keepdims: { int: 0 } })[0]!;
}
