import { fail } from '../../base/errors.js';
import { halfToNumber } from '../../base/half.js';
import { sizeOf } from '../../base/shapes.js';
import type { Tensor, Tensors } from '../graph/tensor.js';

const largestHeader = 100_000_000;
const bytesPerElement: Readonly<Record<string, number>> = {
  F32: 4,
  F64: 8,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** A safetensors file: float32 tensors by name, and free texts. */
export interface Safetensors {
  readonly tensors: Record<string, Tensor>;
  readonly metadata: Record<string, string>;
}

interface Entry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

/**
 * Encodes tensors as a safetensors file; the data begin at a multiple of 8 bytes.
 *
 * @source https://github.com/huggingface/safetensors, "Format".
 */
export function encodeSafetensors(
  tensors: Tensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: [string, unknown][] = [['__metadata__', metadata]];
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header.push([name, { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerSize = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + headerSize + offset).fill(0x20, 8, 8 + headerSize);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerSize), true);
  file.set(text, 8);
  let at = 8 + headerSize;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * Decodes a safetensors file. Float64 and float16 tensors become float32; integer tensors are left out, as
 * PyTorch's counters (`num_batches_tracked`) have no use here.
 *
 * @param where the file's name for messages
 * @throws UtadError bad-file when the file is truncated or its header lies.
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): Safetensors {
  const bad = (got: string): never =>
    fail('bad-file', { where, expected: 'a safetensors file', got, todo: 'Write or copy it again.' });
  if (bytes.length < 8) bad(`${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerSize = Number(view.getBigUint64(0, true));
  if (headerSize > largestHeader || 8 + headerSize > bytes.length) bad('a header longer than the file');

  let header: Record<string, unknown>;
  try {
    header = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + headerSize)),
    ) as Record<string, unknown>;
  } catch {
    return bad('a header that is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    bad('a header that is not a JSON object');
  // Gathered as entries: a tensor may be called anything, __proto__ included.
  const tensors: [string, Tensor][] = [];
  let metadata: Record<string, string> = {};
  let described = 0;
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (!isTextTable(value)) return bad('metadata that are no table of texts');
      metadata = value;
      continue;
    }
    if (!isEntry(value)) return bad(`a broken entry for ${name}`);
    const width = bytesPerElement[value.dtype];
    const [start, stop] = value.data_offsets;
    if (width === undefined) return bad(`the unknown type ${value.dtype} of ${name}`);
    if (start < 0 || stop - start !== width * sizeOf(value.shape) || 8 + headerSize + stop > bytes.length) {
      bad(`data of ${name} that end outside the file`);
    }
    // Tensors that share bytes would let a small file ask for any amount of memory.
    described += stop - start;
    if (described > bytes.length - 8 - headerSize) bad('tensors that overlap');
    // A copy, also of Node's Buffer, whose own slice is a view.
    const own = Uint8Array.prototype.slice.call(bytes, 8 + headerSize + start, 8 + headerSize + stop);
    const data = toFloat32(value.dtype, own);
    if (data !== null) tensors.push([name, { shape: value.shape, data }]);
  }
  return { tensors: Object.fromEntries(tensors), metadata };
}

function isTextTable(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}

function isEntry(value: unknown): value is Entry {
  const entry = value as Partial<Entry> | null;
  const whole = (numbers: unknown): boolean =>
    Array.isArray(numbers) && numbers.every((n) => Number.isSafeInteger(n) && n >= 0);
  return (
    typeof entry === 'object' &&
    entry !== null &&
    typeof entry.dtype === 'string' &&
    whole(entry.shape) &&
    whole(entry.data_offsets) &&
    entry.data_offsets?.length === 2
  );
}

function toFloat32(dtype: string, bytes: Uint8Array): Float32Array | null {
  if (dtype === 'F32') return new Float32Array(bytes.buffer, 0, bytes.length / 4);
  if (dtype === 'F64') return Float32Array.from(new Float64Array(bytes.buffer, 0, bytes.length / 8));
  if (dtype === 'F16')
    return Float32Array.from(new Uint16Array(bytes.buffer, 0, bytes.length / 2), halfToNumber);
  if (dtype === 'BF16')
    return new Float32Array(
      Uint32Array.from(new Uint16Array(bytes.buffer, 0, bytes.length / 2), (h) => h << 16).buffer,
    );
  return null;
}
