import type { EarlierFields } from '../base/earlier-fields.js';
import { earlierNetworkFields } from '../model/earlier-network.js';

/** The sections of today, and in each the fields that have kept their names. */
const moved: Readonly<Record<string, readonly string[]>> = {
  model: ['modalities', 'sliceSide', 'levels', 'targetConditioning', 'sourceConditioning', 'criticLayers'],
  data: ['preparation', 'minimumBrainFraction', 'paired', 'targets', 'mirror', 'augmentation'],
  'data.preparation': ['fieldOfViewMm', 'lowPercentile', 'highPercentile'],
  losses: ['truthError', 'pixelWeights'],
  optimiser: ['learningRate', 'finalLearningRate', 'decayFrom', 'beta1', 'beta2', 'averageDecay'],
  schedule: ['batchSize', 'epochs', 'iterations', 'generatorEvery', 'checkpointEvery'],
  experimental: ['maskJitter'],
};

const inModel = Object.entries(earlierNetworkFields.renamed).map(([from, to]) => [from, `model.${to}`]);

/** How version 0.1.0, whose configuration was flat, named the fields of a training. */
export const earlierTrainingFields: EarlierFields = {
  renamed: {
    ...Object.fromEntries(
      Object.entries(moved).flatMap(([section, names]) => names.map((name) => [name, `${section}.${name}`])),
    ),
    ...Object.fromEntries(inModel),
    studentFeatures: 'model.studentBaseChannels',
    criticWeights: 'losses.critic',
    generatorWeights: 'losses.generator',
    validationFraction: 'validation.fraction',
    validationSlices: 'validation.slices',
    validateEvery: 'validation.every',
  },
  removed: {
    ...earlierNetworkFields.removed,
    adversary: 'wasserstein',
    'generatorWeights.identity': 0,
    'augmentation.biasField': 0,
    'augmentation.sourceGamma': 0,
  },
};
