import { expect, it } from 'vitest';
import { describeGraph } from '../engine/describe.js';
import { createGraph } from '../engine/graph.js';
import { input } from '../engine/operations.js';
import { initialise } from '../nn/parameters.js';
import { requireModelConfiguration } from './configuration.js';
import { generate, generatorSpecs } from './generator.js';

it('counts the published generator: 91.1 million parameters in use, 106.8 with the tumour decoder', () => {
  const model = {
    modalities: ['a', 'b', 'c', 'd'],
    sliceSide: 128,
    features: 64,
    levels: 4,
    criticFeatures: 64,
    criticLayers: 6,
  };
  const [image, target] = [input('image', [1, 1, 128, 128]), input('target', [1, 4])];
  const parameters = Object.fromEntries(
    generatorSpecs(model).flatMap(({ name, shape, role }) =>
      role === 'inert' ? [] : [[name, input(name, shape, 'parameter')]],
    ),
  );
  const made = generate(model, parameters, { image, tumour: image, target }, 'evaluation');
  const millions = (outputs: Parameters<typeof createGraph>[1]): number =>
    Object.values(describeGraph(createGraph('generator', outputs)).parameters).reduce(
      (sum, count) => sum + count,
      0,
    ) / 1e6;
  expect(millions({ image: made.image })).toBeCloseTo(91.1, 1);
  expect(millions({ image: made.image, tumour: made.tumour })).toBeCloseTo(106.8, 1);
});

it('starts with kernels of variance 2 / fan-in and biases of zero, the same for the same seed', () => {
  const specs = generatorSpecs({ modalities: ['a', 'b'], sliceSide: 32, features: 8, levels: 2 });
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

it.each([
  [{ sliceSide: 48 }, 'sliceSide: expected a power of two from 32, got 48.'],
  [{ levels: 6 }, 'levels: expected at most 5 for slices of 64, got 6.'],
  [{ criticLayers: 7 }, 'criticLayers: expected at most 6 for slices of 64, got 7.'],
])('refuses %j', (field, message) => {
  const model = {
    modalities: ['a', 'b'],
    sliceSide: 64,
    features: 4,
    levels: 4,
    criticFeatures: 4,
    criticLayers: 5,
  };
  expect(() => requireModelConfiguration({ ...model, ...field })).toThrow(message);
});
