import type { Node } from '../graph/graph.js';
import type { OnnxEmitter } from './emitter.js';
import { reshape, transpose } from './node-shapes.js';

/** Where one tap of a kernel meets the image. */
interface Tap {
  readonly row: number;
  readonly column: number;
}

/**
 * The convolution family from matrix products alone. ONNX Runtime's own convolution knows float32 only; this
 * form also works in double precision, which the comparison with golden values needs. Slow and simple.
 */
export function emitExactConvolution(
  to: OnnxEmitter,
  [x, w]: readonly string[],
  node: Node<'convolution'>,
): string {
  const { stride, padding } = node.attributes;
  const [batch, features, rows, columns] = node.shape as [number, number, number, number];
  const [, , kernel] = node.inputs[1]!.shape as [number, number, number];
  const parts = taps(kernel).map((tap) => {
    const image = tapImage(to, x!, node.inputs[0]!, tap, { stride, padding, rows, columns });
    return to.emit('MatMul', [tapKernel(to, w!, tap), image])[0]!;
  });
  return reshape(to, total(to, parts), [batch, features, rows, columns]);
}

/** See {@link emitExactConvolution}: each tap's product is spread by the stride and put back at its place. */
export function emitExactInputGradient(
  to: OnnxEmitter,
  [g, w]: readonly string[],
  node: Node<'convolutionInputGradient'>,
): string {
  const { stride, padding } = node.attributes;
  const [batch, channels, height, width] = node.shape as [number, number, number, number];
  const [, features, rows, columns] = node.inputs[0]!.shape as [number, number, number, number];
  const [, , kernel] = node.inputs[1]!.shape as [number, number, number];
  const upstream = reshape(to, g!, [batch, features, rows * columns]);
  const padded = [height + 2 * padding, width + 2 * padding] as const;
  const parts = taps(kernel).map((tap) => {
    const turned = transpose(to, tapKernel(to, w!, tap), [1, 0]);
    const product = reshape(to, to.emit('MatMul', [turned, upstream])[0]!, [
      batch,
      channels,
      rows,
      1,
      columns,
      1,
    ]);
    const spread = to.emit('Pad', [
      product,
      to.integers([0, 0, 0, 0, 0, 0, 0, 0, 0, stride - 1, 0, stride - 1]),
    ])[0]!;
    const [tall, wide] = [(rows - 1) * stride + 1, (columns - 1) * stride + 1];
    const flat = reshape(to, spread, [batch, channels, rows * stride, columns * stride]);
    const sampled = to.emit('Slice', [
      flat,
      to.integers([0, 0]),
      to.integers([tall, wide]),
      to.integers([2, 3]),
    ])[0]!;
    const after = [padded[0] - tall - tap.row, padded[1] - wide - tap.column];
    return to.emit('Pad', [sampled, to.integers([0, 0, tap.row, tap.column, 0, 0, ...after])])[0]!;
  });
  const sum = total(to, parts);
  if (padding === 0) return sum;
  const stop = to.integers([padding + height, padding + width]);
  return to.emit('Slice', [sum, to.integers([padding, padding]), stop, to.integers([2, 3])])[0]!;
}

/** See {@link emitExactConvolution}: one product over the pixels of the whole batch for each tap. */
export function emitExactKernelGradient(
  to: OnnxEmitter,
  [x, g]: readonly string[],
  node: Node<'convolutionKernelGradient'>,
): string {
  const { stride, padding, kernelSize } = node.attributes;
  const [batch, features, rows, columns] = node.inputs[1]!.shape as [number, number, number, number];
  const upstream = reshape(to, g!, [batch, features, rows * columns]);
  const parts = taps(kernelSize).map((tap) => {
    const image = tapImage(to, x!, node.inputs[0]!, tap, { stride, padding, rows, columns });
    const turned = transpose(to, image, [0, 2, 1]);
    const product = to.emit('MatMul', [upstream, turned])[0]!;
    const sum = to.emit('ReduceSum', [product, to.integers([0])], { keepdims: { int: 0 } })[0]!;
    return reshape(to, sum, [features, node.shape[1]!, 1]);
  });
  return reshape(to, to.emit('Concat', parts, { axis: { int: 2 } })[0]!, node.shape);
}

/** The pixels under one tap: [N,C,H,W] → [N,C,rows·columns]. */
function tapImage(
  to: OnnxEmitter,
  x: string,
  source: Node,
  tap: Tap,
  { stride, padding, rows, columns }: { stride: number; padding: number; rows: number; columns: number },
): string {
  const padded = to.emit('Pad', [x, to.integers([0, 0, padding, padding, 0, 0, padding, padding])])[0]!;
  const stop = [tap.row + (rows - 1) * stride + 1, tap.column + (columns - 1) * stride + 1];
  const seen = to.emit('Slice', [
    padded,
    to.integers([tap.row, tap.column]),
    to.integers(stop),
    to.integers([2, 3]),
    to.integers([stride, stride]),
  ])[0]!;
  return reshape(to, seen, [source.shape[0]!, source.shape[1]!, rows * columns]);
}

/** The kernel at one tap: [O,C,K,K] → [O,C]. */
function tapKernel(to: OnnxEmitter, w: string, { row, column }: Tap): string {
  const piece = to.emit('Slice', [
    w,
    to.integers([row, column]),
    to.integers([row + 1, column + 1]),
    to.integers([2, 3]),
  ])[0]!;
  return to.emit('Squeeze', [piece, to.integers([2, 3])])[0]!;
}

function taps(kernel: number): Tap[] {
  return Array.from({ length: kernel * kernel }, (_, index) => ({
    row: Math.floor(index / kernel),
    column: index % kernel,
  }));
}

function total(to: OnnxEmitter, parts: readonly string[]): string {
  return parts.reduce((sum, part) => to.emit('Add', [sum, part])[0]!);
}
