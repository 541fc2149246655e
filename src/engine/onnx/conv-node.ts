import type { OnnxEmitter } from './emitter.js';
import type { OnnxAttribute } from './onnx-model.js';

/** The kernel [O,C,K,K] of an ONNX convolution. */
interface ConvKernel {
  readonly weights: string;
  readonly features: number;
  readonly channels: number;
  readonly size: number;
}

/**
 * An ONNX convolution that every backend computes rightly.
 *
 * ONNX Runtime's WebGPU backend (1.30) is wrong where the channels are 6, 9, 15, 18, …: multiples of 3, beyond 3, that are
 * none of 4, and the features a multiple of 4. Zeros fill such channels up to a multiple of 4; they change no sum.
 *
 * @param everywhere whether the program may run elsewhere than on the CPU
 */
export function emitConv(
  to: OnnxEmitter,
  image: string,
  { weights, features, channels, size }: ConvKernel,
  attributes: Readonly<Record<string, OnnxAttribute>>,
  everywhere: boolean,
): string {
  const isWrong = size > 1 && channels > 3 && channels % 3 === 0 && channels % 4 !== 0 && features % 4 === 0;
  if (!everywhere || !isWrong) return to.emit('Conv', [image, weights], attributes)[0]!;
  const missing = 4 - (channels % 4);
  // [N,C,H,W] → [N,C′,H,W], [O,C,K,K] → [O,C′,K,K]
  const filled = (x: string): string => to.emit('Pad', [x, to.integers([0, 0, 0, 0, 0, missing, 0, 0])])[0]!;
  return to.emit('Conv', [filled(image), filled(weights)], attributes)[0]!;
}
