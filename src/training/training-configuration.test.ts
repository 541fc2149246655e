import { describe, expect, it } from 'vitest';
import { presetNames } from './preset-names.js';
import { presets, resolveConfiguration } from './presets.js';
import {
  iterationsOf,
  learningRateAt,
  modelOf,
  trainingConfigurationSchema,
} from './training-configuration.js';

describe('resolveConfiguration', () => {
  it('overrides single fields of a preset, named with dots or nested', () => {
    const { model, data } = presets.tiny;
    const expected = {
      ...presets.tiny,
      model: { ...model, baseChannels: 12 },
      data: { ...data, paired: true, augmentation: { ...data.augmentation, zoom: 0.1 } },
    };
    for (const overrides of [
      { 'model.baseChannels': 12, 'data.paired': true, 'data.augmentation.zoom': 0.1 },
      { model: { baseChannels: 12 }, data: { paired: true, augmentation: { zoom: 0.1 } } },
      {
        model: { baseChannels: 9 },
        'model.baseChannels': 12,
        data: { paired: true },
        'data.augmentation': { zoom: 0.1 },
      },
    ])
      expect(resolveConfiguration('tiny', overrides)).toEqual(expected);
  });

  it('takes a rule of the preparation as a whole', () => {
    const above = { 'data.preparation.foreground': { kind: 'above', value: 3 } };
    const configuration = resolveConfiguration('tiny', above);
    const nonzero = { 'data.preparation.foreground': { kind: 'nonzero' } };
    const { data } = resolveConfiguration('tiny', { ...configuration, ...nonzero });
    expect(data.preparation).toEqual({ ...presets.tiny.data.preparation, foreground: { kind: 'nonzero' } });
  });

  it('names the presets that the commands offer', () => {
    expect(Object.keys(presets)).toEqual(presetNames);
  });

  it('holds the published settings in the preset paper, which are the defaults', () => {
    expect(trainingConfigurationSchema.parse({})).toEqual(presets.paper);
    expect(presets.paper).toMatchObject({
      model: { baseChannels: 64, sliceSide: 128 },
      schedule: { batchSize: 8, epochs: 100, generatorEvery: 5 },
      optimiser: { learningRate: 1e-4, finalLearningRate: 1e-6, decayFrom: 0.5, beta1: 0.9 },
      losses: { critic: { gp: 10 }, generator: { rec: 10, local: 10, sup: 10, feature: 10 } },
    });
  });

  it('leaves what the publication has not off in the preset paper', () => {
    expect(presets.paper).toMatchObject({
      model: {
        contextSlices: 0,
        brainMaskChannel: false,
        targetConditioning: false,
        sourceConditioning: false,
      },
      data: { mirror: false, augmentation: { rotationDegrees: 0, zoom: 0, shift: 0, gamma: 0, gain: 0 } },
      optimiser: { averageDecay: 0 },
      losses: { pixelWeights: { brain: 1, tumour: 1 }, generator: { truth: 0 } },
      experimental: { maskJitter: { boundaryMm: 0, shiftMm: 0 } },
    });
  });

  it('gives the network as many slices of context as are asked for', () => {
    for (const stage of ['teacher', 'student'] as const)
      expect(modelOf(resolveConfiguration('tiny', { 'model.contextSlices': 2 }), stage).contextSlices).toBe(
        2,
      );
  });

  it('reads what was written before an option existed as that option being off', () => {
    const { data, losses } = presets.paper;
    const before = {
      ...presets.paper,
      data: { preparation: data.preparation, minimumBrainFraction: data.minimumBrainFraction },
      losses: { critic: losses.critic, generator: losses.generator },
    };
    expect(trainingConfigurationSchema.parse(before)).toEqual(presets.paper);
  });

  it.each([
    [
      { 'model.baseChanels': 8 },
      'training configuration: model.baseChanels: there is no such field. Did you mean model.baseChannels?',
    ],
    [{ lerningRate: 8 }, 'lerningRate: there is no such field. Did you mean optimiser.learningRate?'],
    [{ optimizer: { beta1: 0 } }, 'Did you mean optimiser?'],
    [{ 'model.sliceSide': 72 }, 'model.levels: expected at most 3 for slices of 72, got 4.'],
    [
      { 'model.network': 'any-source' },
      'model.brainMaskChannel: a network of any sources has no such option',
    ],
    [
      { 'model.sliceSide': 32, 'model.levels': 5 },
      'model.levels: expected at most 4 for slices of 32, got 5.',
    ],
    [{ 'model.modalities': ['t1', 't1'] }, 'model.modalities: expected different names, got t1, t1.'],
    [
      { 'data.preparation.lowPercentile': 99.9 },
      'data.preparation.highPercentile: expected more than lowPercentile, got 99.5.',
    ],
    [{ 'losses.generator.tuth': 1 }, 'Did you mean losses.generator.truth?'],
    [{ 'seed.x': 1 }, 'training configuration: seed: expected a number, got {"x":1}.'],
    [
      {
        'losses.generator': Object.fromEntries(
          Object.keys(presets.tiny.losses.generator).map((term) => [term, 0]),
        ),
      },
      'losses.generator: expected a weight above 0 for a term of the student',
    ],
    [
      {
        'losses.generator': { fake: 0, cls: 0, local_fake: 0, local_cls: 0 },
        'schedule.generatorEvery': 2,
      },
      'schedule.generatorEvery: expected 1, as no critic has a weight',
    ],
    [
      { 'model.contextSlices': -1 },
      'training configuration: model.contextSlices: expected a number of at least 0, got -1.',
    ],
    [
      { 'model.contextSlices': 1.5 },
      'training configuration: model.contextSlices: expected a whole number, got 1.5.',
    ],
    [
      { 'schedule.batchSize': 'eight' },
      'training configuration: schedule.batchSize: expected a number, got "eight".',
    ],
  ])('refuses %j', (overrides, message) => {
    expect(() => resolveConfiguration('tiny', overrides)).toThrow(message);
  });

  it.each([
    [
      { features: 8 },
      'training configuration: features: expected model.baseChannels, got the name of version 0.1.0.',
    ],
    [{ 'generatorWeights.rec': 8 }, 'generatorWeights.rec: expected losses.generator.rec, got'],
    [{ 'augmentation.gamma': 1 }, 'augmentation.gamma: expected data.augmentation.gamma, got'],
    [{ fieldOfViewMm: 200 }, 'fieldOfViewMm: expected data.preparation.fieldOfViewMm, got'],
    [{ adversary: 'hinge' }, 'the option adversary (here "hinge") was removed after version 0.1.0'],
    [{ 'augmentation.biasField': 0.2 }, 'the option augmentation.biasField (here 0.2) was removed'],
  ])('refuses the name of version 0.1.0 in %j', (overrides, message) => {
    expect(() => resolveConfiguration('tiny', overrides)).toThrow(message);
  });

  it('refuses losses of a tumour branch to a network of any sources, which has none', () => {
    expect(() => resolveConfiguration('any-source', { 'losses.generator.local': 1 })).toThrow(
      'losses.generator.local: expected 0, as a network of any sources has no tumour branch, got 1.',
    );
  });

  it('names the nearest preset', () => {
    expect(() => resolveConfiguration('tny', {})).toThrow(
      'preset: expected paper, small, pairs, any-source, tiny, got tny. Did you mean tiny?',
    );
  });
});

describe('learningRateAt', () => {
  it('is constant, then falls linearly to the final rate', () => {
    const configuration = resolveConfiguration('paper', {});
    expect(learningRateAt(configuration, 0, 101)).toBe(1e-4);
    expect(learningRateAt(configuration, 50, 101)).toBe(1e-4);
    expect(learningRateAt(configuration, 100, 101)).toBeCloseTo(1e-6, 12);
    // Half-way through the fall from iteration 50.5 to 100.
    expect(learningRateAt(configuration, 75.25, 101)).toBeCloseTo((1e-4 + 1e-6) / 2, 9);
  });
});

it('counts iterations from epochs unless they are given', () => {
  expect(iterationsOf(resolveConfiguration('tiny', { 'schedule.epochs': 2.5 }), 10)).toBe(25);
  expect(iterationsOf(resolveConfiguration('tiny', { 'schedule.iterations': 7 }), 10)).toBe(7);
});
