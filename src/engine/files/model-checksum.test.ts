import { expect, it } from 'vitest';
import { tinyGenerator, tinyMetadata } from '../../../test/fixtures/tiny-model.js';
import { readModelMetadata } from '../../translate/read-model.js';
import { writeModel } from '../../translate/write-model.js';
import * as ort from '../runtime/onnx-runtime.node.js';
import { requireWholeModel, withModelChecksum } from './model-checksum.node.js';

const plain = writeModel(tinyGenerator(), tinyMetadata());
const checked = withModelChecksum(plain);

it('is the last text of a model file, which stays one', async () => {
  requireWholeModel(checked, 'm.onnx');
  expect(readModelMetadata(checked, 'm.onnx')).toEqual(tinyMetadata());
  await (await ort.InferenceSession.create(checked)).release();
  expect(withModelChecksum(checked)).toEqual(checked);
});

it('names a file that has other bytes than were written', () => {
  for (const at of [100, plain.length >> 1, checked.length - 1]) {
    const flipped = Uint8Array.from(checked, (byte, i) => (i === at ? byte ^ 1 : byte));
    expect(() => requireWholeModel(flipped, 'm.onnx')).toThrow('m.onnx: this file is damaged');
  }
});

it('is not asked of files of version 0.1.0 and of others', () => {
  requireWholeModel(plain, 'm.onnx');
  requireWholeModel(new Uint8Array(3), 'm.onnx');
});
