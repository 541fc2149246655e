import { describe, expect, it } from 'vitest';
import { tinyConfiguration, tinyGenerator, tinyMetadata } from '../../test/fixtures/tiny-model.js';
import { createRandom } from '../base/random.js';
import { createGraph, type Node } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import { evaluateReference } from '../engine/graph/reference.js';
import { tensor } from '../engine/graph/tensor.js';
import * as ort from '../engine/runtime/onnx-runtime.node.js';
import { generate, generatorSpecs } from '../model/generator.js';
import { initialise } from '../nn/parameters.js';
import { readModelMetadata } from './read-model.js';
import { writeModel } from './write-model.js';

const side = tinyConfiguration.sliceSide;
/** Float32 sums of a few hundred products through 14 convolutions, against double precision. */
const tolerance = 2e-5;

function slices(count: number, seed: number): Float32Array {
  const random = createRandom(seed, 'slices');
  return Float32Array.from({ length: count * side * side }, () => 2 * random.uniform() - 1);
}

const oneHot = (targets: readonly number[]): Float32Array =>
  Float32Array.from(targets.flatMap((target) => [0, 1, 2, 3].map((m) => (m === target ? 1 : 0))));

async function runModel(bytes: Uint8Array, image: Float32Array, targets: readonly number[]) {
  const session = await ort.InferenceSession.create(bytes);
  const { translated } = await session.run({
    image: new ort.Tensor('float32', image, [targets.length, 1, side, side]),
    target: new ort.Tensor('float32', oneHot(targets), [targets.length, 4]),
  });
  await session.release();
  return translated!;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe('writeModel', () => {
  it('computes what the plain graph computes with the image given to both encoders', async () => {
    const generator = tinyGenerator();
    const parameters: Record<string, Node> = Object.fromEntries(
      generatorSpecs(tinyConfiguration).map(({ name, shape }) => [name, input(name, shape, 'parameter')]),
    );
    const image = input('image', [1, 1, side, side]);
    const target = input('target', [1, 4]);
    const given = { image, contextSlices: null, tumour: image, target };
    const made = generate(tinyConfiguration, parameters, given, 'evaluation');
    const values = slices(1, 3);
    const expected = evaluateReference(createGraph('plain', { y: made.image }), {
      ...generator,
      image: tensor(values, [1, 1, side, side]),
      target: tensor(oneHot([2]), [1, 4]),
    });
    const got = await runModel(writeModel(generator, tinyMetadata()), values, [2]);
    expect(largestDifference(got.data as Float32Array, expected['y']!)).toBeLessThan(tolerance);
    expect(largestDifference(got.data as Float32Array, values)).toBeGreaterThan(0.1);
  });

  it('of a teacher gives the second encoder the tumour that the mask cuts out', async () => {
    const bytes = writeModel(
      tinyGenerator(),
      tinyMetadata({ model: { ...tinyConfiguration, tumourMask: true } }),
    );
    const parameters: Record<string, Node> = Object.fromEntries(
      generatorSpecs(tinyConfiguration).map(({ name, shape }) => [name, input(name, shape, 'parameter')]),
    );
    const slice = [1, 1, side, side];
    const [image, tumour, target] = [input('image', slice), input('tumour', slice), input('target', [1, 4])];
    const made = generate(
      tinyConfiguration,
      parameters,
      { image, contextSlices: null, tumour, target },
      'evaluation',
    );
    const values = slices(1, 3);
    const mask = Float32Array.from(values, (_, i) => Number(i % side > 12 && i % side < 20));
    const expected = evaluateReference(createGraph('plain', { y: made.image }), {
      ...tinyGenerator(),
      image: tensor(values, slice),
      tumour: tensor(
        values.map((value, i) => (mask[i] ? value : -1)),
        slice,
      ),
      target: tensor(oneHot([2]), [1, 4]),
    });
    const session = await ort.InferenceSession.create(bytes);
    const run = async (given: Float32Array): Promise<Float32Array> => {
      const { translated } = await session.run({
        image: new ort.Tensor('float32', values, slice),
        mask: new ort.Tensor('float32', given, slice),
        target: new ort.Tensor('float32', oneHot([2]), [1, 4]),
      });
      return translated!.data as Float32Array;
    };
    const got = await run(mask);
    expect(largestDifference(got, expected['y']!)).toBeLessThan(tolerance);
    expect(largestDifference(got, await run(new Float32Array(mask.length)))).toBeGreaterThan(1e-3);
    await session.release();
    expect(readModelMetadata(bytes, 'x').model.tumourMask).toBe(true);
  });

  it.each([1, 3, 5])('takes a batch of %i slices with different targets, each as if alone', async (count) => {
    const bytes = writeModel(tinyGenerator(), tinyMetadata());
    const image = slices(count, 4);
    const targets = Array.from({ length: count }, (_, i) => (3 * i) % 4);
    const together = await runModel(bytes, image, targets);
    expect(together.dims).toEqual([count, 1, side, side]);
    for (const [i, target] of targets.entries()) {
      const alone = image.slice(i * side * side, (i + 1) * side * side);
      const single = await runModel(bytes, alone, [target]);
      const part = (together.data as Float32Array).subarray(i * side * side, (i + 1) * side * side);
      expect(largestDifference(part, single.data as Float32Array)).toBeLessThan(tolerance);
    }
  });

  it.each([
    ['two modalities', { modalities: ['a', 'b'], baseChannels: 1, levels: 1 }],
    ['targets and brain given', { baseChannels: 1, targetConditioning: true, brainMaskChannel: true }],
    ['sources given', { baseChannels: 1, targetConditioning: true, sourceConditioning: true }],
    [
      'one feature and five modalities',
      { modalities: ['a', 'b', 'c', 'd', 'e'], baseChannels: 1, levels: 3 },
    ],
  ])('leaves the batch open with %s', async (_, parts) => {
    const model = { ...tinyConfiguration, ...parts };
    const ranges = Object.fromEntries(model.modalities.map((name) => [name, { low: 0, high: 1 }]));
    const generator = initialise(generatorSpecs(model), 1, 'G');
    const bytes = writeModel(generator, tinyMetadata({ model, valueRanges: ranges }));
    const session = await ort.InferenceSession.create(bytes);
    const count = model.modalities.length;
    const target = new Float32Array(3 * count);
    for (let i = 0; i < 3; i++) target[i * count] = 1;
    const { translated } = await session.run({
      image: new ort.Tensor('float32', slices(3, 5), [3, 1, side, side]),
      target: new ort.Tensor('float32', target, [3, count]),
      ...(session.inputNames.includes('source')
        ? { source: new ort.Tensor('float32', target, [3, count]) }
        : {}),
    });
    expect(session.inputNames.includes('source')).toBe('sourceConditioning' in parts);
    expect(translated!.dims).toEqual([3, 1, side, side]);
    await session.release();
  });

  it('does without the tumour decoder and the inert biases', () => {
    const full = writeModel(tinyGenerator(), tinyMetadata());
    const needed = Object.entries(tinyGenerator()).filter(
      ([name]) => !name.startsWith('tumor_decoder.') && !name.endsWith('.unit.0.bias'),
    );
    expect(writeModel(Object.fromEntries(needed), tinyMetadata())).toEqual(full);
  });

  it('names a tensor that is missing or has another shape', () => {
    const { ['fusion.layer1.1.running_var']: _, ...rest } = tinyGenerator();
    expect(() => writeModel(rest, tinyMetadata())).toThrow(
      'generator: expected a tensor fusion.layer1.1.running_var, got none of that name',
    );
    const wrong = { ...tinyGenerator(), 'img_decoder.score.bias': tensor([1, 2], [2]) };
    expect(() => writeModel(wrong, tinyMetadata())).toThrow('img_decoder.score.bias: expected 1, got 2');
  });

  it('refuses metadata that contradict themselves', () => {
    const recipe = { ...tinyMetadata().recipe, sliceSide: 64 };
    expect(() => writeModel(tinyGenerator(), tinyMetadata({ recipe }))).toThrow(
      "model metadata: recipe.sliceSide: must be the model's 32, is 64",
    );
    expect(() =>
      writeModel(tinyGenerator(), tinyMetadata({ valueRanges: { t1: { low: 0, high: 1 } } })),
    ).toThrow('must have exactly the keys t1, t1ce, t2, flair');
  });

  it('carries its metadata, which come back the same', () => {
    const metadata = tinyMetadata({
      training: {
        stage: 'student',
        iterations: 1200,
        trainingCases: ['A', 'B'],
        validationCases: ['C'],
        quantiles: Object.fromEntries(
          tinyConfiguration.modalities.map((name) => [name, Array.from({ length: 257 }, (_, i) => i / 256)]),
        ),
        validation: {
          ssim: 0.81,
          mae: 0.11,
          directions: [{ source: 't1', target: 't2', ssim: 0.8, mae: 0.1 }],
        },
        dataFingerprint: 'abc',
      },
    });
    expect(readModelMetadata(writeModel(tinyGenerator(), metadata), 'm.onnx')).toEqual(metadata);
  });
});
