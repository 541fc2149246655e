import type { Shape } from '../../base/shapes.js';
import { blockedDomain } from './blocks.js';
import type { OnnxEmitter } from './emitter.js';
import { reshape, transpose } from './node-shapes.js';
import { view } from './view.js';

const block = { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } };

/** The largest element of each 2×2 block, [N,C/b,H,W,b] → [N,C/b,H/2,W/2,b]. */
export function poolInBlocks(to: OnnxEmitter, x: string): string {
  return to.emit('MaxPool', [x], block, { domain: blockedDomain })[0]!;
}

/**
 * The adjoint of the pooling, of g [N,C/b,H/2,W/2,b] at x [N,C/b,H,W,b]. The value is offered to the corners in turn;
 * the first that holds the maximum takes it. Without indices, which ONNX Runtime finds one by one.
 */
export function unpoolInBlocks(to: OnnxEmitter, g: string, x: string, shape: Shape): string {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  let left = g;
  const shares = [0, 1, 2].map((corner) => {
    const rest = to.emit('Mul', [left, isBelow(to, x, corner, shape)])[0]!;
    const share = to.emit('Sub', [left, rest])[0]!;
    left = rest;
    return share;
  });
  // four of [N·C/b·H/2,W/2,b] → [2,2,N·C/b·H/2,W/2,b] → [N·C/b·H/2,2,W/2,2,b]
  const size = to.channelBlock;
  const rows = (batch * channels * height) / (2 * size);
  const corners = to.emit('Concat', [...shares, left], { axis: { int: 0 } })[0]!;
  const split = reshape(to, corners, [2, 2, rows, width / 2, size]);
  const ordered = transpose(to, split, [2, 0, 3, 1, 4]);
  return view(to, ordered, [rows, 2, width / 2, 2, size], shape);
}

/** What stands in h [N,C/b,H,W,b] at the place of each block's first largest element of x. */
export function pickInBlocks(to: OnnxEmitter, h: string, x: string, shape: Shape): string {
  const largest = poolInBlocks(to, x);
  const last = cornerOf(to, h, 3, shape);
  return [2, 1, 0].reduce((otherwise, corner) => {
    const holds = to.emit('Equal', [cornerOf(to, x, corner, shape), largest])[0]!;
    return to.emit('Where', [holds, cornerOf(to, h, corner, shape), otherwise])[0]!;
  }, last);
}

/** 0 where a corner holds its block's maximum, else 1: (maximum − corner)·10³⁸, at most 1. */
function isBelow(to: OnnxEmitter, x: string, corner: number, shape: Shape): string {
  const difference = cornerOf(to, x, corner, shape, { weight: -1, plus: poolInBlocks(to, x) });
  return to.emit('HardSigmoid', [difference], { alpha: { float: 1e38 }, beta: { float: 0 } })[0]!;
}

/** One corner of all 2×2 blocks, times a weight, plus something: a strided convolution of each plane by itself. */
function cornerOf(
  to: OnnxEmitter,
  x: string,
  corner: number,
  [, channels]: Shape,
  { weight = 1, plus }: { readonly weight?: number; readonly plus?: string } = {},
): string {
  const size = to.channelBlock;
  // [C/b,1,2,2,b]
  const kernel = Float32Array.from({ length: 4 * channels! }, (_, i) =>
    Math.floor(i / size) % 4 === corner ? weight : 0,
  );
  const inputs = [x, to.floats(kernel, [channels!, 1, 2, 2]), ...(plus === undefined ? [] : ['', plus])];
  return to.emit('Conv', inputs, { ...block, group: { int: channels! } }, { domain: blockedDomain })[0]!;
}
