import { expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { describeGraph } from '../engine/graph/describe.js';
import { gradient } from '../engine/graph/gradient.js';
import { createGraph } from '../engine/graph/graph.js';
import { broadcast, concat, input, meanAll, multiply, reshape } from '../engine/graph/operations.js';
import { evaluateReference } from '../engine/graph/reference.js';
import { filled, tensor } from '../engine/graph/tensor.js';
import { initialise } from '../nn/parameters.js';
import { itselfAround } from './context-input.js';
import { generate, generatorSpecs } from './generator.js';
import { requireModelConfiguration } from './network-configuration.js';
import { encode } from './unet.js';

it('counts the published generator: 91.1 million parameters in use, 106.8 with the tumour decoder', () => {
  const model = {
    modalities: ['a', 'b', 'c', 'd'],
    sliceSide: 128,
    baseChannels: 64,
    levels: 4,
    criticBaseChannels: 64,
    criticLayers: 6,
  };
  const [image, target] = [input('image', [1, 1, 128, 128]), input('target', [1, 4])];
  const parameters = Object.fromEntries(
    generatorSpecs(model).flatMap(({ name, shape, role }) =>
      role === 'inert' ? [] : [[name, input(name, shape, 'parameter')]],
    ),
  );
  const results = generate(
    model,
    parameters,
    { image, contextSlices: null, tumour: image, target },
    'evaluation',
  );
  const millions = (outputs: Parameters<typeof createGraph>[1]): number =>
    Object.values(describeGraph(createGraph('generator', outputs)).parameters).reduce(
      (sum, count) => sum + count,
      0,
    ) / 1e6;
  expect(millions({ image: results.image })).toBeCloseTo(91.1, 1);
  expect(millions({ image: results.image, tumour: results.tumour })).toBeCloseTo(106.8, 1);
});

it('starts with kernels of variance 2 / fan-in and biases of zero, the same for the same seed', () => {
  const specs = generatorSpecs({ modalities: ['a', 'b'], sliceSide: 32, baseChannels: 8, levels: 2 });
  const values = initialise(specs, 1, 'G');
  const kernel = values['fusion.layer1.0.weight']!;
  const variance = kernel.data.reduce((sum, v) => sum + v * v, 0) / kernel.data.length;
  expect(kernel.shape).toEqual([32, 96, 3, 3]);
  expect(variance * (96 * 9)).toBeGreaterThan(1.9);
  expect(variance * (96 * 9)).toBeLessThan(2.1);
  expect(values['fusion.layer1.0.bias']!.data.every((v) => v === 0)).toBe(true);
  expect(initialise(specs, 1, 'G')).toEqual(values);
  expect(initialise(specs, 2, 'G')['fusion.layer1.0.weight']).not.toEqual(kernel);
});

it('adds the bias of its own target behind every norm, and no other', () => {
  const model = {
    modalities: ['a', 'b'],
    sliceSide: 32,
    baseChannels: 2,
    levels: 1,
    targetConditioning: true,
  };
  const values = initialise(generatorSpecs(model), 1, 'G');
  const parameters = Object.fromEntries(
    generatorSpecs(model).map(({ name, shape }) => [name, input(name, shape, 'parameter')] as const),
  );
  const [image, target] = [input('image', [1, 1, 32, 32]), input('target', [1, 2])];
  const planes = broadcast(reshape(target, [1, 2, 1, 1]), [1, 2, 32, 32]);
  const { skips } = encode(
    parameters,
    'img_encoder',
    concat([image, planes], 1),
    { kind: 'target', oneHot: target },
    1,
  );
  const graph = createGraph('skip', { skip: skips[0]! });
  const random = createRandom('image');
  const picture = tensor(
    Float32Array.from({ length: 1024 }, () => random.uniform()),
    [1, 1, 32, 32],
  );
  const name = 'img_encoder.features.convblock1.conv2.target_bias';
  // Far above what a norm leaves, so that nothing stays below zero: the leaky ReLU passes it unchanged.
  const raised = { ...values, [name]: tensor([0, 0, 100, 102], [2, 2]) };
  const level = { ...values, [name]: tensor([0, 0, 50, 50], [2, 2]) };
  const run = (weights: typeof values, hot: number[]): Float32Array | Float64Array =>
    evaluateReference(graph, { ...weights, image: picture, target: tensor(hot, [1, 2]) })['skip']!;
  expect(run(raised, [1, 0])).toEqual(run(level, [1, 0]));
  const [high, low] = [run(raised, [0, 1]), run(level, [0, 1])];
  const difference = high.map((value, i) => value - low[i]!);
  for (const [channel, expected] of [50, 52].entries())
    for (const value of difference.slice(1024 * channel, 1024 * (channel + 1)))
      expect(value).toBeCloseTo(expected, 5);
});

it.each([
  [
    { sliceSide: 63 },
    'sliceSide: expected a multiple of a power of two, such as 128 or 192, so that it can be halved again and again, got 63.',
  ],
  [{ sliceSide: 48 }, 'criticLayers: expected at most 4 for slices of 48, got 5.'],
  [{ sliceSide: 40 }, 'levels: expected at most 3 for slices of 40, got 4.'],
  [{ network: 'any-source' as const, levels: 5 }, 'levels: expected at most 4 for slices of 64, got 5.'],
  [{ levels: 6 }, 'levels: expected at most 5 for slices of 64, got 6.'],
  [{ criticLayers: 7 }, 'criticLayers: expected at most 6 for slices of 64, got 7.'],
])('refuses %j', (field, message) => {
  const model = {
    modalities: ['a', 'b'],
    sliceSide: 64,
    baseChannels: 4,
    levels: 4,
    criticBaseChannels: 4,
    criticLayers: 5,
  };
  expect(() => requireModelConfiguration({ ...model, ...field })).toThrow(message);
});

it('given its source, has weights of each pair for features and source image, and background outside the brain', () => {
  const model = {
    modalities: ['a', 'b'],
    sliceSide: 32,
    baseChannels: 2,
    levels: 1,
    targetConditioning: true,
    brainMaskChannel: true,
    sourceConditioning: true,
  };
  const specs = generatorSpecs(model);
  const parameters = Object.fromEntries(
    specs.map(({ name, shape }) => [name, input(name, shape, 'parameter')] as const),
  );
  const image = input('image', [1, 1, 32, 32]);
  const [source, target] = [input('source', [1, 2]), input('target', [1, 2])];
  const results = generate(
    model,
    parameters,
    { image, contextSlices: null, tumour: image, source, target },
    'evaluation',
  );
  const graph = createGraph('pair', { image: results.image });
  const random = createRandom('image');
  // The upper half is background.
  const picture = tensor(
    Float32Array.from({ length: 1024 }, (_, i) => (i < 512 ? -1 : random.uniform())),
    [1, 1, 32, 32],
  );
  // Everything that is learnt is 0 but the source image's weight where a becomes b: row 0·2 + 1, last of f + 1.
  const values = Object.fromEntries(
    specs.map(({ name, shape }) => [name, filled(shape, name.endsWith('running_var') ? 1 : 0)] as const),
  );
  const name = 'img_decoder.score.pair_weight';
  expect(values[name]!.shape).toEqual([4, 3]);
  const weights = { ...values, [name]: tensor([0, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0, 0], [4, 3]) };
  const run = (from: number[], to: number[]): readonly number[] =>
    Array.from(
      evaluateReference(graph, {
        ...weights,
        image: picture,
        source: tensor(from, [1, 2]),
        target: tensor(to, [1, 2]),
      })['image']!,
    );
  const expected = Array.from(picture.data, (value) => (value > -1 ? Math.tanh(0.5 * value) : -1));
  run([1, 0], [0, 1]).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 6);
  });
  for (const other of [run([0, 1], [1, 0]), run([1, 0], [1, 0]), run([0, 1], [0, 1])])
    expect(other).toEqual(expected.map((value) => (value === -1 ? -1 : 0)));
  expect(() =>
    generate(model, parameters, { image, contextSlices: null, tumour: image, target }, 'evaluation'),
  ).toThrow('generate: expected a source, which this network takes, got none');
});

it('gives the context slices to the image encoder alone, behind all other planes', () => {
  const plain = {
    modalities: ['a', 'b'],
    sliceSide: 8,
    baseChannels: 1,
    levels: 1,
    targetConditioning: true,
    brainMaskChannel: true,
  };
  const model = { ...plain, contextSlices: 2 };
  const shapeOf = (some: Parameters<typeof generatorSpecs>[0], encoder: string) =>
    generatorSpecs(some).find(({ name }) => name === `${encoder}.features.convblock1.conv1.unit.0.weight`)
      ?.shape;
  expect(shapeOf(model, 'img_encoder')).toEqual([1, 8, 3, 3]);
  expect(shapeOf(model, 'tumor_encoder')).toEqual([1, 4, 3, 3]);
  expect(generatorSpecs({ ...plain, contextSlices: 0 })).toEqual(generatorSpecs(plain));

  const random = createRandom('neighbours of a slice');
  const noise = (planes: number) =>
    tensor(
      Array.from({ length: planes * 64 }, () => 2 * random.uniform() - 1),
      [1, planes, 8, 8],
    );
  const values = { image: noise(1), contextSlices: noise(4), target: tensor([0, 1], [1, 2]) };
  const [image, target] = [input('image', [1, 1, 8, 8]), input('target', [1, 2])];
  const contextSlices = input('contextSlices', [1, 4, 8, 8]);
  const parametersOf = (some: typeof plain) =>
    Object.fromEntries(
      generatorSpecs(some).flatMap(({ name, shape, role }) =>
        role === 'inert' ? [] : [[name, input(name, shape, 'parameter')]],
      ),
    );
  const weights = initialise(generatorSpecs(model), 1, 'G');
  const parameters = parametersOf(model);
  const given = { image, tumour: image, target };
  const results = generate(model, parameters, { ...given, contextSlices }, 'evaluation').image;
  const run = (y: typeof results, tensors: typeof weights) =>
    evaluateReference(createGraph('g', { y }), { ...tensors, ...values })['y']!;

  // A kernel that is 0 for the context slices computes what the network without them computes.
  const name = 'img_encoder.features.convblock1.conv1.unit.0.weight';
  const own = tensor(weights[name]!.data.slice(0, 36), [1, 4, 3, 3]);
  const blind = tensor([...own.data, ...new Array<number>(36).fill(0)], [1, 8, 3, 3]);
  const alone = generate(plain, parametersOf(plain), { ...given, contextSlices: null }, 'evaluation').image;
  const expected = run(alone, { ...weights, [name]: own });
  expect(run(results, { ...weights, [name]: blind })).toEqual(expected);
  expect(run(results, weights)).not.toEqual(expected);

  // The gradient of the mean square by a tap of the uppermost context slice, against central differences.
  const loss = meanAll(multiply(results, results));
  const [slope] = gradient(loss, [parameters[name]!]);
  const at = 7 * 9 + 4;
  const moved = (by: number) => {
    const data = Array.from(weights[name]!.data);
    data[at]! += by;
    return run(loss, { ...weights, [name]: tensor(data, [1, 8, 3, 3]) })[0]!;
  };
  const step = 2 ** -10;
  const difference = (moved(step) - moved(-step)) / (2 * step);
  expect(Math.abs(difference)).toBeGreaterThan(1e-4);
  expect(run(slope!, weights)[at]! / difference).toBeCloseTo(1, 2);

  expect(() => generate(model, parameters, { ...given, contextSlices: null }, 'evaluation')).toThrow(
    'generate: expected 4 planes of context slices, got 0',
  );
  expect(() => generate(plain, parametersOf(plain), { ...given, contextSlices }, 'evaluation')).toThrow(
    'generate: expected 0 planes of context slices, got 4',
  );
  expect(itselfAround({ ...plain, contextSlices: 0 }, image)).toBeNull();
  expect(itselfAround(model, image)?.shape).toEqual([1, 4, 8, 8]);
});
