import fc from 'fast-check';
import { sizeOf } from '../../../src/base/shapes.js';
import { decodeSafetensors, encodeSafetensors } from '../../../src/engine/files/safetensors.js';
import { findGenerator } from '../../../src/translate/generator-weights.js';
import { tinyGenerator } from '../../fixtures/tiny-model.js';
import { editedFiles } from '../byte-edits.js';
import { editedJson } from '../json-edits.js';
import { type FuzzTarget, require } from '../target.js';

/** A file of a header as text and so many bytes of data. */
function fileOf(header: string, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

const types = { F32: 4, F64: 8, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 };
const header: Record<string, unknown> = { __metadata__: { stage: 'teacher', iteration: '3' } };
let dataBytes = 0;
for (const [dtype, width] of Object.entries(types)) {
  header[`tensor.${dtype}`] = { dtype, shape: [2, 3], data_offsets: [dataBytes, dataBytes + 6 * width] };
  dataBytes += 6 * width;
}
const allTypes = { bytes: fileOf(JSON.stringify(header), dataBytes) };
const single = {
  bytes: encodeSafetensors({ a: { shape: [3], data: Float32Array.of(1, 2, 3) } }, { k: 'v' }),
};

/** Safetensors files of every type of number, with bytes or their JSON header changed. */
export const safetensorsTarget: FuzzTarget = {
  name: 'safetensors',
  inputs: fc
    .oneof(
      { weight: 2, arbitrary: editedFiles([allTypes, single]) },
      { weight: 3, arbitrary: editedJson(header).map((text) => fileOf(text, dataBytes)) },
    )
    .map((bytes) => [bytes]),
  parse: ([bytes]) => {
    const { tensors, metadata } = decodeSafetensors(bytes!, 'fuzz.safetensors');
    for (const { shape, data } of Object.values(tensors)) {
      require(data instanceof Float32Array && data.length === sizeOf(shape), `${data.length} for ${shape}`);
    }
    require(Object.values(metadata).every((text) => typeof text === 'string'), 'texts');
    // What was accepted is written such that it reads as the same.
    const again = decodeSafetensors(encodeSafetensors(tensors, metadata), 'again');
    require(Object.keys(again.tensors).join() === Object.keys(tensors).join(), 'tensors kept');
    require(JSON.stringify(again.metadata) === JSON.stringify(metadata), 'metadata kept');
  },
};

const weights = encodeSafetensors(tinyGenerator());
const weightsHeaderBytes = Number(new DataView(weights.buffer).getBigUint64(0, true));
const weightsHeader: unknown = JSON.parse(
  new TextDecoder().decode(weights.subarray(8, 8 + weightsHeaderBytes)),
);
const weightsData = weights.subarray(8 + weightsHeaderBytes);

/** Weights of a generator whose tensors have changed names, shapes or types. */
export const generatorWeightsTarget: FuzzTarget = {
  name: 'generator-weights',
  inputs: editedJson(weightsHeader).map((text) => {
    const file = fileOf(text, weightsData.length);
    file.set(weightsData, file.length - weightsData.length);
    return [file];
  }),
  parse: ([bytes]) => {
    const { sizes, tensors } = findGenerator(decodeSafetensors(bytes!, 'fuzz').tensors, 'fuzz');
    require(sizes.baseChannels > 0 && sizes.levels > 0 && sizes.modalityCount > 1, JSON.stringify(sizes));
    for (const { shape, data } of Object.values(tensors)) require(data.length === sizeOf(shape), `${shape}`);
  },
};
