import { describe, expect, it } from 'vitest';
import { configurationFields } from '../base/configuration-fields.js';
import { convertEarlier } from '../base/earlier-fields.js';
import { earlierTrainingFields } from './earlier-configuration.js';
import { presets } from './presets.js';
import { trainingConfigurationSchema } from './training-configuration.js';

const convert = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  convertEarlier(fields, earlierTrainingFields, 'run.json');

describe('convertEarlier', () => {
  it('knows a field of today for each earlier name', () => {
    const names = configurationFields(trainingConfigurationSchema).map(({ name }) => name);
    for (const to of Object.values(earlierTrainingFields.renamed))
      expect(
        names.some((name) => name === to || name.startsWith(`${to}.`)),
        to,
      ).toBe(true);
  });

  it('joins the two places where the preparation was, in either order', () => {
    const expected = { data: { preparation: { fieldOfViewMm: 200, centre: 'grid' } } };
    expect(convert({ fieldOfViewMm: 200, preparation: { centre: 'grid' } })).toEqual(expected);
    expect(convert({ preparation: { centre: 'grid' }, fieldOfViewMm: 200 })).toEqual(expected);
  });

  it('leaves what has the form of today', () => {
    expect(convert(presets.pairs)).toEqual(presets.pairs);
    expect(convert({ 'optimiser.beta1': 0.4, features: 3 })).toEqual({
      optimiser: { beta1: 0.4 },
      model: { baseChannels: 3 },
    });
  });

  it('drops a removed option that was off and names one that was on', () => {
    const off = {
      fusionNorm: 'batch',
      criticNorm: 'none',
      adversary: 'wasserstein',
      augmentation: { gamma: 0.1, biasField: 0, sourceGamma: 0 },
      generatorWeights: { rec: 1, identity: 0 },
    };
    expect(convert(off)).toEqual({
      data: { augmentation: { gamma: 0.1 } },
      losses: { generator: { rec: 1 } },
    });
    for (const [option, fields] of [
      ['fusionNorm (here "frozen")', { fusionNorm: 'frozen' }],
      ['criticNorm (here "spectral")', { criticNorm: 'spectral' }],
      ['adversary (here "logistic")', { adversary: 'logistic' }],
      ['generatorWeights.identity (here 5)', { generatorWeights: { identity: 5 } }],
      ['augmentation.sourceGamma (here 0.3)', { augmentation: { sourceGamma: 0.3 } }],
    ] as const)
      expect(() => convert(fields)).toThrow(
        `run.json: the option ${option} was removed after version 0.1.0. Leave it out`,
      );
  });
});
