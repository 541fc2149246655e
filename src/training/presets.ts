import { presetNamed, readConfiguration, withOverrides } from '../base/configuration.js';
import { fail } from '../base/errors.js';
import { requireModelConfiguration } from '../model/configuration.js';
import { withoutRemovedOptions } from '../model/removed-options.js';
import { noAugmentation } from '../slices/augmentation.js';
import { noMaskJitter } from '../slices/mask-jitter.js';
import {
  modelOf,
  type TrainingConfiguration,
  trainingConfigurationSchema,
  weightsOf,
} from './configuration.js';
import type { presetNames } from './preset-names.js';
import { criticsWanted, type LossWeights, publishedWeights, requireTerm } from './utad-losses.js';

const paper: TrainingConfiguration = {
  modalities: ['t1', 't1ce', 't2', 'flair'],
  sliceSide: 128,
  features: 64,
  levels: 4,
  targetConditioning: false,
  brainPlane: false,
  sourceConditioning: false,
  criticFeatures: 64,
  fieldOfViewMm: 256,
  lowPercentile: 0.5,
  highPercentile: 99.5,
  minimumBrainFraction: 0.03,
  paired: false,
  validationFraction: 0.2,
  seed: 1,
  batchSize: 8,
  epochs: 100,
  generatorEvery: 5,
  learningRate: 1e-4,
  finalLearningRate: 1e-6,
  decayFrom: 0.5,
  beta1: 0.9,
  beta2: 0.999,
  averageDecay: 0,
  targets: 'permuted',
  mirror: false,
  augmentation: noAugmentation,
  maskJitter: noMaskJitter,
  pixelWeights: { brain: 1, tumour: 1 },
  truthError: 'squared',
  criticWeights: { ...publishedWeights.critic },
  generatorWeights: { ...publishedWeights.generator },
  checkpointEvery: 500,
  validateEvery: 2000,
  validationSlices: 64,
};

/** No weight for what stands in for a truth that is not known: the critics' verdicts and the way back. */
const withoutGuesses = {
  ...publishedWeights.generator,
  fake: 0,
  cls: 0,
  local_fake: 0,
  local_cls: 0,
  rec: 0,
  local: 0,
};

/** Named starting points; every field can be overridden. */
export const presets = {
  /** The published settings. */
  paper,
  /** For one workstation: a quarter of the width, the generator updated more often and faster, averaged; mirrored slices. */
  small: {
    ...paper,
    features: 16,
    criticFeatures: 16,
    epochs: 40,
    generatorEvery: 2,
    learningRate: 3e-4,
    averageDecay: 0.99,
    mirror: true,
    checkpointEvery: 200,
    validateEvery: 500,
    validationSlices: 40,
  },
  /**
   * For patients that have several modalities, which are learnt from as pairs; what real patients did best with. As the
   * truths are known, there are neither critics nor a way back.
   */
  pairs: {
    ...paper,
    features: 16,
    targetConditioning: true,
    brainPlane: true,
    sourceConditioning: true,
    neighbours: 1,
    criticFeatures: 8,
    minimumBrainFraction: 0.08,
    paired: true,
    batchSize: 4,
    epochs: 4,
    generatorEvery: 1,
    learningRate: 3e-3,
    beta1: 0.5,
    beta2: 0.99,
    averageDecay: 0.99,
    targets: 'known',
    mirror: true,
    pixelWeights: { brain: 1, tumour: 2 },
    truthError: 'absolute',
    generatorWeights: { ...withoutGuesses, truth: 100 },
    checkpointEvery: 200,
    validateEvery: 500,
    validationSlices: 40,
  },
  /** For a laptop and a quarter of an hour: 4 mm pixels, small batches, the generator updated every time. */
  tiny: {
    ...paper,
    sliceSide: 64,
    features: 8,
    targetConditioning: true,
    brainPlane: true,
    sourceConditioning: true,
    criticFeatures: 8,
    minimumBrainFraction: 0.1,
    batchSize: 4,
    epochs: 10,
    generatorEvery: 1,
    learningRate: 2e-3,
    beta1: 0.5,
    beta2: 0.99,
    averageDecay: 0.98,
    mirror: true,
    pixelWeights: { brain: 1, tumour: 8 },
    generatorWeights: { ...publishedWeights.generator, truth: 10 },
    checkpointEvery: 200,
    validateEvery: 200,
    validationSlices: 32,
  },
} as const satisfies Record<(typeof presetNames)[number], TrainingConfiguration>;

/**
 * A preset with overrides, checked as a whole.
 *
 * @param overrides fields of {@link trainingConfigurationSchema}, from a file or `--set`; of weights, only those that
 *   change need be given, as an object or as `generatorWeights.truth`
 * @throws UtadError bad-configuration, naming the preset or field; unknown ones with the nearest known; not-supported for
 *   an option that was removed.
 */
export function resolveConfiguration(
  preset: string,
  overrides: Readonly<Record<string, unknown>>,
): TrainingConfiguration {
  const base = presetNamed(presets, preset);
  const configuration = readConfiguration(
    trainingConfigurationSchema,
    withOverrides(base, withoutRemovedOptions(overrides, 'training configuration')),
    'training configuration',
  );
  requireModelConfiguration(modelOf(configuration));
  requireUpdates(weightsOf(configuration), configuration.generatorEvery);
  if (configuration.lowPercentile >= configuration.highPercentile) {
    fail('bad-configuration', {
      where: 'highPercentile',
      expected: 'more than lowPercentile',
      got: String(configuration.highPercentile),
    });
  }
  return configuration;
}

/** @throws UtadError bad-configuration when some iterations would learn nothing. */
function requireUpdates(weights: LossWeights, generatorEvery: number): void {
  requireTerm(weights, 'student');
  if (criticsWanted(weights).length === 0 && generatorEvery > 1) {
    fail('bad-configuration', {
      where: 'generatorEvery',
      expected:
        '1, as no critic has a weight in generatorWeights and the iterations between would do nothing',
      got: String(generatorEvery),
    });
  }
}
