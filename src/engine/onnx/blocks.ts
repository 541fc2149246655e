import type { OnnxEmitter } from './emitter.js';

/**
 * Operators in the blocked layout of ONNX Runtime's CPU backend, [N, C/b, H, W, b]: convolutions are a third faster than
 * its own choice for weights that change, and on all cores even where planes are small. ONNX Runtime uses this layout by
 * itself for weights that are constant; here the program brings images and kernels into it.
 *
 * @source onnxruntime/core/mlas/inc/mlas.h, MlasNchwcConv, MlasReorderFilterOIHWBiBo.
 */
export const blockedDomain = 'com.microsoft.nchwc';

/** [N,C,H,W] → [N,C/b,H,W,b], filled up with zeros to whole blocks. */
export function toBlocks(to: OnnxEmitter, x: string, channels: number): string {
  const known = to.notes.blockedForms.get(x);
  if (known !== undefined) return known;
  const missing = roundUp(channels, to.channelBlock) - channels;
  // ONNX Runtime fills up only from multiples of 4.
  const filled =
    channels % 4 === 0 ? x : to.emit('Pad', [x, to.integers([0, 0, 0, 0, 0, missing, 0, 0])])[0]!;
  return to.emit('ReorderInput', [filled], {}, { domain: blockedDomain })[0]!;
}

/** [N,C/b,H,W,b] → [N,C,H,W], the first so many channels. */
export function outOfBlocks(to: OnnxEmitter, x: string, channels: number): string {
  return to.emit('ReorderOutput', [x], { channels: { int: channels } }, { domain: blockedDomain })[0]!;
}

/** As {@link outOfBlocks}, and whoever asks for the plain value's blocks gets these. */
export function fromBlocks(to: OnnxEmitter, x: string, channels: number): string {
  const plain = outOfBlocks(to, x, channels);
  if (channels % to.channelBlock === 0) to.notes.blockedForms.set(plain, x);
  return plain;
}

/** The next whole number of blocks, in channels. */
export const roundUp = (count: number, block: number): number => Math.ceil(count / block) * block;
