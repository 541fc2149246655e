import { describe, expect, it } from 'vitest';
import { tinyGenerator, tinyMetadata } from '../../test/fixtures/tiny-model.js';
import { createRandom } from '../base/random.js';
import { createGraph } from '../engine/graph/graph.js';
import { input, tanh } from '../engine/graph/operations.js';
import { writeOnnx } from '../engine/onnx/write-onnx.js';
import { completeRecipe } from '../imaging/recipe.js';
import { readModelMetadata } from './read-model.js';
import { writeModel } from './write-model.js';

const whole = writeModel(tinyGenerator(), tinyMetadata());

/** An ONNX file with this text where the metadata belong. */
function fileSaying(text: string): Uint8Array {
  return writeOnnx(createGraph('other', { y: tanh(input('x', [1])) }), { metadata: { utad: text } });
}

describe('readModelMetadata', () => {
  it.each([
    ['no bytes', new Uint8Array(0)],
    ['a text', new TextEncoder().encode('this is a text, not a model at all')],
    ['a packed file', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3)],
    ['zeros', new Uint8Array(1000)],
    ['ones', new Uint8Array(1000).fill(0xff)],
  ])('refuses %s as no ONNX file', (_, bytes) => {
    expect(() => readModelMetadata(bytes, 'm.onnx')).toThrow(
      'm.onnx: expected an ONNX file, got something else',
    );
  });

  it.each([0.3, 0.7, 0.97])('refuses a file cut off after %d of its length', (share) => {
    const cut = whole.subarray(0, Math.floor(share * whole.length));
    expect(() => readModelMetadata(cut, 'm.onnx')).toThrow('expected an ONNX file, got one that is cut off');
  });

  it('ends in one of its own errors or in metadata whatever single bytes are changed', () => {
    const random = createRandom(1, 'damage');
    for (let i = 0; i < 300; i++) {
      const bytes = whole.slice();
      // Damage falls near both ends as well, where the structure is.
      const at =
        i % 3 === 0
          ? random.integer(200)
          : whole.length - 1 - random.integer(i % 3 === 1 ? 1200 : whole.length);
      bytes[at] = random.integer(256);
      try {
        readModelMetadata(bytes, 'm.onnx');
      } catch (error) {
        expect(error).toMatchObject({ name: 'UtadError' });
      }
    }
  });

  it('refuses an ONNX file that another program wrote', () => {
    const bytes = writeOnnx(createGraph('other', { y: tanh(input('x', [1])) }));
    expect(() => readModelMetadata(bytes, 'm.onnx')).toThrow(
      'm.onnx: expected a model file of utad-net, got an ONNX file without the metadata “utad”',
    );
  });

  it('refuses metadata that are not JSON', () => {
    expect(() => readModelMetadata(fileSaying('{"formatVersion": 1,'), 'm.onnx')).toThrow(
      'm.onnx: expected JSON under the metadata “utad”, got text that is not JSON',
    );
  });

  it.each([1, 2])('reads format %d, whose network has other names for its fields', (formatVersion) => {
    const today = { ...tinyMetadata(), formatVersion };
    const {
      baseChannels: features,
      contextSlices: neighbours,
      brainMaskChannel: brainPlane,
      ...model
    } = today.model;
    const earlier = { ...today, model: { ...model, features, neighbours, brainPlane } };
    expect(readModelMetadata(fileSaying(JSON.stringify(earlier)), 'm.onnx')).toEqual(today);
    const { modalities, sliceSide, levels } = model;
    const short = { ...today, model: { modalities, sliceSide, levels, features } };
    expect(readModelMetadata(fileSaying(JSON.stringify(short)), 'm.onnx')).toEqual(today);
  });

  it('reads the first format, whose recipe means what it meant', () => {
    const first = { ...tinyMetadata(), formatVersion: 1 };
    expect(readModelMetadata(fileSaying(JSON.stringify(first)), 'm.onnx')).toEqual(first);
    expect(completeRecipe(first.recipe)).toEqual({
      ...first.recipe,
      sliceSpacingMm: null,
      centre: 'grid',
      foreground: { kind: 'nonzero' },
      normalisation: 'percentiles',
      maximumFieldOfViewMm: 256,
    });
  });

  it('refuses a network with an option that was removed, and takes the option where it was off', () => {
    const metadata = tinyMetadata();
    const withNorm = (fusionNorm: string): string =>
      JSON.stringify({ ...metadata, model: { ...metadata.model, fusionNorm } });
    expect(readModelMetadata(fileSaying(withNorm('batch')), 'm.onnx')).toEqual(metadata);
    expect(() => readModelMetadata(fileSaying(withNorm('instance')), 'm.onnx')).toThrow(
      'm.onnx: the option fusionNorm (here "instance") was removed after version 0.1.0. Leave it out',
    );
  });

  it('refuses a newer format and says to update', () => {
    expect(() => readModelMetadata(fileSaying('{"formatVersion": 5, "more": 1}'), 'm.onnx')).toThrow(
      'm.onnx: expected a model file of utad-net of format 4 or older, got format 5. Update utad-net.',
    );
  });

  it.each([
    ['null', 'm.onnx: expected an object, got null'],
    ['[]', 'm.onnx: expected an object, got []'],
    [
      JSON.stringify({ ...tinyMetadata(), recipe: {} }),
      'm.onnx: recipe.sliceSide: expected a number, got nothing',
    ],
    [
      JSON.stringify({
        ...tinyMetadata(),
        recipe: { ...tinyMetadata().recipe, foregroundByModality: { ct: { kind: 'nonzero' } } },
      }),
      'm.onnx: recipe.foregroundByModality: must be for t1, t1ce, t2, flair',
    ],
    [
      JSON.stringify({ ...tinyMetadata(), created: 'yesterday' }),
      'm.onnx: created: invalid ISO datetime, is "yesterday"',
    ],
    [JSON.stringify({ ...tinyMetadata(), surplus: 1 }), 'm.onnx: unrecognized key: "surplus"'],
  ])('names the wrong field of %.30s', (text, message) => {
    expect(() => readModelMetadata(fileSaying(text), 'm.onnx')).toThrow(message);
  });
});
