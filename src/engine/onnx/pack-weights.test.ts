import { describe, expect, it } from 'vitest';
import { createRandom } from '../../base/random.js';
import { createGraph } from '../graph/graph.js';
import { constant, convolution, input, multiply } from '../graph/operations.js';
import * as ort from '../runtime/onnx-runtime.node.js';
import { type PackedWeights, packWeights } from './pack-weights.js';
import { writeOnnx } from './write-onnx.js';

const random = createRandom('pack weights');
const draw = (count: number, size = 1): Float32Array =>
  Float32Array.from({ length: count }, () => size * random.normal());

/** Each output channel ten times as large as the one before. */
const kernel = Float32Array.from(draw(4 * 16 * 9), (value, i) => value * 10 ** (Math.floor(i / 144) - 3));
/** Numbers that are no kernel, as many. */
const other = draw(4 * 8 * 8);
const few = draw(4 * 9);
const x = draw(16 * 64);

function file(kernelValues = kernel): Uint8Array {
  const image = input('x', [1, 16, 8, 8]);
  const made = convolution(image, constant(kernelValues, [4, 16, 3, 3]), { stride: 1, padding: 1 });
  const small = convolution(made, constant(few, [1, 4, 3, 3]), { stride: 1, padding: 1 });
  const y = multiply(made, constant(other, [1, 4, 8, 8]));
  return writeOnnx(createGraph('packed', { y, small }), { metadata: { note: 'kept' } });
}

async function compute(bytes: Uint8Array): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(bytes);
  const { y } = await session.run({ x: new ort.Tensor('float32', x, [1, 16, 8, 8]) });
  await session.release();
  return y!.data as Float32Array;
}

/** The largest difference in each of the four channels, beside the channel's largest value. */
function differences(a: Float32Array, b: Float32Array): number[] {
  return [0, 1, 2, 3].map((channel) => {
    const part = (values: Float32Array): Float32Array => values.subarray(channel * 64, (channel + 1) * 64);
    const most = (values: ArrayLike<number>): number =>
      Array.from(values).reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    return most(part(a).map((value, i) => value - part(b)[i]!)) / most(part(a));
  });
}

describe('packWeights', () => {
  // Rounded weights of 144 products: the error of one weight, 2⁻¹² or 1/254 of the largest, hardly adds up.
  it.each([
    ['float16', 0.5, 1e-6, 6e-4],
    ['int8', 0.25, 1e-4, 2e-2],
  ] as const)(
    'stores large kernels as %s and computes nearly the same',
    async (storage, share, least, most) => {
      const { file: smaller, packed } = packWeights(file(), storage, 'm.onnx');
      expect(packed).toBe(1);
      const saved = file().length - smaller.length;
      expect(saved).toBeGreaterThan((1 - share) * 4 * kernel.length - 400);
      const [whole, made] = [await compute(file()), await compute(smaller)];
      for (const difference of differences(whole, made)) {
        expect(difference).toBeLessThan(most);
        expect(difference).toBeGreaterThan(least);
      }
      expect(new TextDecoder('latin1').decode(smaller)).toContain('note');
    },
  );

  it.each(['float16', 'int8'] as const)('leaves a file that is packed already as it is (%s)', (storage) => {
    const once = packWeights(file(), 'float16', 'm.onnx').file;
    expect(packWeights(once, storage, 'm.onnx')).toEqual({ file: once, packed: 0 });
  });

  it('leaves kernels alone that half precision does not hold, and packs zeros in 8 bits', async () => {
    const large = kernel.map((value, i) => (i === 7 ? 70_000 : value));
    expect(packWeights(file(large), 'float16', 'm.onnx').packed).toBe(0);
    const empty = kernel.map((value, i) => (i < 144 ? 0 : value));
    const made = await compute(packWeights(file(empty), 'int8', 'm.onnx').file);
    expect(made.every(Number.isFinite)).toBe(true);
  });

  it('refuses what is cut off or no ONNX file', () => {
    const cut = file().subarray(0, 1000);
    const message = 'm.onnx: expected an ONNX file, got one that is damaged. Copy or write it again.';
    const storages: PackedWeights[] = ['float16', 'int8'];
    for (const storage of storages) expect(() => packWeights(cut, storage, 'm.onnx')).toThrow(message);
    const text = new TextEncoder().encode('this is a text, not a model at all');
    expect(() => packWeights(text, 'float16', 'm.onnx')).toThrow(message);
  });
});
