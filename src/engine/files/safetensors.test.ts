import { describe, expect, it } from 'vitest';
import { tensor } from '../graph/tensor.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';

const file = encodeSafetensors(
  { a: tensor([1, -2.5, 3], [3]), 'b.weight': tensor([7], [1, 1]) },
  { note: 'x' },
);

/** A file with this header and these data bytes. */
function fileOf(header: unknown, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

describe('safetensors', () => {
  it('reads Node’s Buffer, with data that begin anywhere', () => {
    const bytes = fileOf(
      { a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } },
      new Uint8Array(new Float32Array([1.5, -2]).buffer),
    );
    expect([...decodeSafetensors(Buffer.from(bytes), 'f').tensors['a']!.data]).toEqual([1.5, -2]);
  });

  it('gives back names, shapes, values and texts', () => {
    const { tensors, metadata } = decodeSafetensors(file, 'f');
    expect(metadata).toEqual({ note: 'x' });
    expect(tensors).toEqual({ a: tensor([1, -2.5, 3], [3]), 'b.weight': tensor([7], [1, 1]) });
  });

  it('does not share memory with the file, also when it is part of a larger buffer', () => {
    const shared = new Uint8Array(file.length + 3);
    shared.set(file, 3);
    const { tensors } = decodeSafetensors(shared.subarray(3), 'f');
    shared.fill(0);
    expect(Array.from(tensors['a']!.data)).toEqual([1, -2.5, 3]);
  });

  it('takes any name for a name', () => {
    const odd = Object.fromEntries(['__proto__', 'constructor', ''].map((name) => [name, tensor([1], [1])]));
    const bytes = encodeSafetensors(odd, { toString: 'text' });
    const { tensors, metadata } = decodeSafetensors(bytes, 'f');
    expect(Object.keys(tensors)).toEqual(Object.keys(odd));
    expect(Object.getPrototypeOf(tensors)).toBe(Object.prototype);
    expect(metadata).toEqual({ toString: 'text' });
  });

  it('reads float64, float16 and bfloat16, and leaves counters out', () => {
    const data = new Uint8Array(8 + 4 + 4 + 8);
    const view = new DataView(data.buffer);
    view.setFloat64(0, 0.5, true);
    view.setUint16(8, 0x3c00, true); // 1
    view.setUint16(10, 0xc100, true); // −2.5
    view.setUint16(12, 0x4040, true); // 3
    view.setUint16(14, 0xbf80, true); // −1
    const { tensors } = decodeSafetensors(
      fileOf(
        {
          d: { dtype: 'F64', shape: [1], data_offsets: [0, 8] },
          h: { dtype: 'F16', shape: [2], data_offsets: [8, 12] },
          b: { dtype: 'BF16', shape: [2], data_offsets: [12, 16] },
          num_batches_tracked: { dtype: 'I64', shape: [], data_offsets: [16, 24] },
        },
        data,
      ),
      'f',
    );
    expect(
      Object.fromEntries(
        Object.entries(tensors).map(([name, { data: values }]) => [name, Array.from(values)]),
      ),
    ).toEqual({
      d: [0.5],
      h: [1, -2.5],
      b: [3, -1],
    });
  });

  it.each([
    ['an empty file', new Uint8Array(0), '0 bytes'],
    ['a file cut off in its header', file.subarray(0, 20), 'a header longer than the file'],
    [
      'a file cut off in its data',
      file.subarray(0, file.length - 1),
      'data of b.weight that end outside the file',
    ],
    ['a header that is no JSON', fileOf('{"a":', new Uint8Array(4)), 'a header that is not JSON'],
    [
      'metadata that are null',
      fileOf('{"__metadata__":null}', new Uint8Array(0)),
      'metadata that are no table',
    ],
    [
      'metadata that are no texts',
      fileOf('{"__metadata__":{"a":{"toString":null}}}', new Uint8Array(0)),
      'metadata that are no table',
    ],
    [
      'tensors that share their bytes',
      fileOf(
        {
          a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
          b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
        },
        new Uint8Array(8),
      ),
      'tensors that overlap',
    ],
    [
      'offsets that do not fit the shape',
      fileOf({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, new Uint8Array(8)),
      'data of a that end outside',
    ],
    [
      'a negative size',
      fileOf({ a: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, new Uint8Array(8)),
      'a broken entry for a',
    ],
    [
      'an unknown type',
      fileOf({ a: { dtype: 'Q4', shape: [1], data_offsets: [0, 4] } }, new Uint8Array(8)),
      'the unknown type Q4 of a',
    ],
  ])('refuses %s', (_, bytes, got) => {
    expect(() => decodeSafetensors(bytes, 'weights.safetensors')).toThrow(
      `weights.safetensors: expected a safetensors file, got ${got}`,
    );
  });
});
