import { describe, expect, it } from 'vitest';
import type { Schedule } from '../methods/schedule-names.js';
import { resolveConfiguration } from '../training/presets.js';
import { publishedWeights } from '../training/utad-losses.js';
import { methodNames } from './compare-methods.js';
import { type ComparisonSettings, contextSlicesOf, trainingsOf } from './compare-trainings.js';

/** The preset `tiny` with other fields, for eleven batches. */
function baseOf(fields: Readonly<Record<string, unknown>>): ComparisonSettings['base'] {
  const resolved = resolveConfiguration('tiny', fields);
  return { ...resolved, schedule: { ...resolved.schedule, iterations: 11 } };
}

const settingsOf = (schedule: Schedule, ours = {}): ComparisonSettings => ({
  base: baseOf({}),
  schedule,
  ours,
});
const pair = { first: 0, second: 2 };
const common = settingsOf('common');

describe('the rows of a comparison', () => {
  it.each(methodNames)('present the same number of batches: %s', (method) => {
    const trainings = trainingsOf(method, common, pair, 3);
    expect(trainings.reduce((sum, { configuration }) => sum + configuration.schedule.iterations!, 0)).toBe(
      11,
    );
    expect(trainings.every(({ configuration }) => configuration.seed === 3)).toBe(true);
    const sizes = trainings.map(
      ({
        configuration: {
          schedule: { batchSize },
          model: { sliceSide },
        },
      }) => `${batchSize} ${sliceSide}`,
    );
    expect(new Set(sizes)).toEqual(new Set(['4 64']));
  });

  it('are to the letter of the publication but for ours, whatever the preset adds', () => {
    const options = (method: (typeof methodNames)[number]) => {
      const { configuration } = trainingsOf(method, common, pair, 1).at(-1)!;
      return [
        configuration.model.targetConditioning,
        configuration.model.brainMaskChannel,
        configuration.losses.pixelWeights.tumour,
      ];
    };
    for (const method of methodNames)
      expect(options(method), method).toEqual(method === 'ours' ? [true, true, 8] : [false, false, 1]);
    const weights = trainingsOf('student', common, pair, 1).at(-1)!.configuration.losses.generator;
    expect(weights).toEqual(publishedWeights.generator);
  });

  it('see no neighbours of a slice but for ours, which sees as many as the base or its own settings say', () => {
    const base = baseOf({ 'model.contextSlices': 1 });
    for (const method of methodNames)
      for (const { configuration } of trainingsOf(method, { ...common, base }, pair, 1))
        expect(configuration.model.contextSlices, method).toBe(method === 'ours' ? 1 : 0);
    expect(contextSlicesOf(common)).toBe(0);
    expect(contextSlicesOf({ ...common, base })).toBe(1);
    expect(contextSlicesOf({ ...common, base, ours: { 'model.contextSlices': 2 } })).toBe(2);
  });

  it('keep losses that a person chose to ours', () => {
    const overrides = { 'losses.truthError': 'absolute', 'data.targets': 'known', 'losses.critic.gp': 1 };
    const base = baseOf(overrides);
    for (const method of methodNames) {
      const {
        losses: { truthError, critic: criticWeights },
        data: { targets },
      } = trainingsOf(method, { ...common, base }, pair, 1).at(-1)!.configuration;
      expect([truthError, targets, criticWeights.gp], method).toEqual(
        method === 'ours' ? ['absolute', 'known', 1] : ['squared', 'permuted', 10],
      );
    }
  });

  it('differ in one thing where they are ablations, and share their teacher', async () => {
    const of = (method: 'student' | 'no-feature' | 'no-output') => trainingsOf(method, common, pair, 1);
    const [teacher, student] = of('student');
    for (const [method, term] of [
      ['no-feature', 'feature'],
      ['no-output', 'sup'],
    ] as const) {
      const [ownTeacher, own] = of(method);
      expect(ownTeacher).toMatchObject({ name: teacher!.name, configuration: teacher!.configuration });
      expect(own!.teacher).toBe(ownTeacher);
      const weights = { ...student!.configuration.losses.generator, [term]: 0 };
      const losses = { ...student!.configuration.losses, generator: weights };
      expect(own!.configuration).toEqual({ ...student!.configuration, losses });
    }
    const [alone, ...others] = trainingsOf('no-distillation', common, pair, 1);
    expect(others).toEqual([]);
    expect(alone).toMatchObject({ teacher: null });
    expect((await alone!.method(null)).name).toBe('student');
    expect(alone!.configuration.losses.generator).toMatchObject({ sup: 0, feature: 0, rec: 10 });
  });

  it('have one schedule, or each that of its publication', async () => {
    const schedule = (name: Schedule) =>
      Promise.all(
        (['single', 'cyclegan', 'targan', 'teacher', 'ours'] as const).map(async (method) => {
          const training = trainingsOf(method, settingsOf(name), pair, 1).at(-1)!;
          const {
            optimiser: { learningRate, beta1, averageDecay },
            schedule: { generatorEvery },
          } = training.configuration;
          const [critic] = (await training.method(null)).updates({ entries: [] });
          const criticRate = critic!.rateFactor;
          return [learningRate, criticRate, beta1, generatorEvery, averageDecay];
        }),
      );
    expect(await schedule('common')).toEqual(Array(5).fill([2e-3, 1, 0.5, 1, 0.98]));
    expect(await schedule('published')).toEqual([
      [1e-4, 1, 0.5, 5, 0],
      [2e-4, 1, 0.5, 1, 0],
      [1e-4, 3, 0.5, 1, 0.999],
      [1e-4, 1, 0.9, 5, 0],
      [2e-3, 1, 0.5, 1, 0.98],
    ]);
  });

  it('let a person choose what ours is', () => {
    const settings = settingsOf('common', {
      'losses.generator.truth': 3,
      'model.brainMaskChannel': false,
    });
    const { configuration } = trainingsOf('ours', settings, pair, 1)[0]!;
    expect(configuration).toMatchObject({
      model: { brainMaskChannel: false, targetConditioning: true },
    });
    expect(configuration.losses.generator).toEqual({ ...publishedWeights.generator, truth: 3 });
    expect(() =>
      trainingsOf('ours', settingsOf('common', { 'model.brainMaskChanel': true }), pair, 1),
    ).toThrow('Did you mean model.brainMaskChannel?');
  });
});
