import { describe, expect, it } from 'vitest';
import { iterationsOf, learningRateAt, modelOf, trainingConfigurationSchema } from './configuration.js';
import { presets, resolveConfiguration } from './presets.js';

describe('resolveConfiguration', () => {
  it('overrides single fields of a preset', () => {
    const configuration = resolveConfiguration('tiny', { features: 12, paired: true });
    expect(configuration).toEqual({ ...presets.tiny, features: 12, paired: true });
  });

  it('overrides single weights, as an object or with a dot', () => {
    const expected = { ...presets.tiny.generatorWeights, rec: 3, truth: 7 };
    for (const overrides of [
      { generatorWeights: { rec: 3, truth: 7 } },
      { 'generatorWeights.rec': 3, generatorWeights: { truth: 7 } },
    ])
      expect(resolveConfiguration('tiny', overrides).generatorWeights).toEqual(expected);
  });

  it('holds the published settings in the preset paper', () => {
    expect(presets.paper).toMatchObject({
      features: 64,
      sliceSide: 128,
      batchSize: 8,
      epochs: 100,
      generatorEvery: 5,
      learningRate: 1e-4,
      finalLearningRate: 1e-6,
      decayFrom: 0.5,
      beta1: 0.9,
      criticWeights: { gp: 10 },
      generatorWeights: { rec: 10, local: 10, sup: 10, feature: 10 },
    });
  });

  it('leaves what the publication has not off in the preset paper', () => {
    expect(presets.paper).toMatchObject({
      targetConditioning: false,
      brainPlane: false,
      averageDecay: 0,
      mirror: false,
      augmentation: {
        rotationDegrees: 0,
        zoom: 0,
        shift: 0,
        gamma: 0,
        gain: 0,
      },
      pixelWeights: { brain: 1, tumour: 1 },
      generatorWeights: { truth: 0 },
    });
  });

  it('gives the network as many neighbours of a slice as are asked for, by default none', () => {
    expect(modelOf(resolveConfiguration('paper', {})).neighbours ?? 0).toBe(0);
    for (const stage of ['teacher', 'student'] as const)
      expect(modelOf(resolveConfiguration('tiny', { neighbours: 2 }), stage).neighbours).toBe(2);
  });

  it('reads what was written before an option existed as that option being off', () => {
    const { augmentation: _, pixelWeights: __, truthError: ___, targets: ____, ...before } = presets.paper;
    expect(trainingConfigurationSchema.parse(before)).toEqual(presets.paper);
  });

  it.each([
    [
      { fetures: 8 },
      'training configuration: fetures: expected a known field, got one that does not exist. Did you mean features?',
    ],
    [{ sliceSide: 96 }, 'sliceSide: expected a power of two from 32, got 96.'],
    [{ sliceSide: 32, levels: 5 }, 'levels: expected at most 4 for slices of 32, got 5.'],
    [{ modalities: ['t1', 't1'] }, 'modalities: expected different names, got t1, t1.'],
    [{ lowPercentile: 99.9 }, 'highPercentile: expected more than lowPercentile, got 99.5.'],
    [{ 'generatorWeights.tuth': 1 }, 'Did you mean'],
    [{ 'seed.x': 1 }, 'training configuration: seed: expected a valid value'],
    [
      {
        generatorWeights: Object.fromEntries(
          Object.keys(presets.tiny.generatorWeights).map((term) => [term, 0]),
        ),
      },
      'generatorWeights: expected a weight above 0 for a term of the student',
    ],
    [
      { generatorWeights: { fake: 0, cls: 0, local_fake: 0, local_cls: 0 }, generatorEvery: 2 },
      'generatorEvery: expected 1, as no critic has a weight',
    ],
    [{ neighbours: -1 }, 'training configuration: neighbours: expected a valid value'],
    [{ neighbours: 1.5 }, 'training configuration: neighbours: expected a valid value'],
    [{ batchSize: 'eight' }, 'training configuration: batchSize: expected a valid value'],
  ])('refuses %j', (overrides, message) => {
    expect(() => resolveConfiguration('tiny', overrides)).toThrow(message);
  });

  it('takes a removed option at the value that left it off, and refuses it at any other', () => {
    const off = {
      fusionNorm: 'batch',
      criticNorm: 'none',
      adversary: 'wasserstein',
      'augmentation.biasField': 0,
      augmentation: { sourceGamma: 0 },
      generatorWeights: { identity: 0 },
    };
    expect(resolveConfiguration('tiny', off)).toEqual(presets.tiny);
    for (const [option, overrides] of [
      ['the option fusionNorm (here "instance")', { fusionNorm: 'instance' }],
      ['the option fusionNorm (here "frozen")', { fusionNorm: 'frozen' }],
      ['the option criticNorm (here "spectral")', { criticNorm: 'spectral' }],
      ['the option adversary (here "hinge")', { adversary: 'hinge' }],
      ['the option adversary (here "logistic")', { adversary: 'logistic' }],
      ['the option generatorWeights.identity (here 5)', { 'generatorWeights.identity': 5 }],
      ['the option augmentation.biasField (here 0.2)', { augmentation: { biasField: 0.2 } }],
      ['the option augmentation.sourceGamma (here 0.3)', { 'augmentation.sourceGamma': 0.3 }],
    ] as const)
      expect(() => resolveConfiguration('tiny', overrides)).toThrow(
        `training configuration: ${option} was removed after version 0.1.0`,
      );
  });

  it('names the nearest preset', () => {
    expect(() => resolveConfiguration('tny', {})).toThrow(
      'preset: expected paper, small, pairs, tiny, got tny. Did you mean tiny?',
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
  expect(iterationsOf(resolveConfiguration('tiny', { epochs: 2.5 }), 10)).toBe(25);
  expect(iterationsOf(resolveConfiguration('tiny', { iterations: 7 }), 10)).toBe(7);
});
