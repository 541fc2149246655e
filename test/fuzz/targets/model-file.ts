import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { readModelMetadata } from '../../../src/translate/read-model.js';
import { metadataKey, writeModel } from '../../../src/translate/write-model.js';
import { tinyGenerator, tinyMetadata } from '../../fixtures/tiny-model.js';
import { editedFiles } from '../byte-edits.js';
import { editedJson } from '../json-edits.js';
import { type FuzzTarget, require } from '../target.js';

/** The least that counts as an ONNX file, with the given text where our metadata stand. */
function onnxWith(text: string): Uint8Array {
  const entry = new BinaryWriter().tag(1, WireType.LengthDelimited).string(metadataKey);
  entry.tag(2, WireType.LengthDelimited).string(text);
  const writer = new BinaryWriter().tag(1, WireType.Varint).int32(8);
  writer.tag(7, WireType.LengthDelimited).bytes(new Uint8Array());
  return writer.tag(14, WireType.LengthDelimited).bytes(entry.finish()).finish();
}

const metadata = tinyMetadata();
const whole = { bytes: writeModel(tinyGenerator(), metadata) };
const small = { bytes: onnxWith(JSON.stringify(metadata)) };

/** Model files with changed bytes, or changed metadata in an otherwise sound file. */
export const modelFileTarget: FuzzTarget = {
  name: 'model-file',
  inputs: fc
    .oneof(
      { weight: 1, arbitrary: editedFiles([whole]) },
      { weight: 3, arbitrary: editedFiles([small]) },
      { weight: 5, arbitrary: editedJson(metadata).map(onnxWith) },
    )
    .map((bytes) => [bytes]),
  parse: ([bytes]) => {
    const { model, recipe, valueRanges } = readModelMetadata(bytes!, 'fuzz.onnx');
    require(model.modalities.every((name) => Object.hasOwn(valueRanges, name)), 'a range for each modality');
    require(model.sliceSide === recipe.sliceSide && model.baseChannels > 0, JSON.stringify(model));
  },
};
