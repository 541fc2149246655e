import { refuseEarlier } from '../base/earlier-fields.js';
import { fail } from '../base/errors.js';
import { presetNamed, readConfiguration, withOverrides } from '../base/read-configuration.js';
import { requireModelConfiguration } from '../model/network-configuration.js';
import { earlierTrainingFields } from './earlier-configuration.js';
import {
  modelOf,
  type TrainingConfiguration,
  trainingConfigurationSchema,
  weightsOf,
} from './training-configuration.js';
import { criticsWanted, type LossWeights, requireTerm } from './utad-losses.js';

/** The published settings are the defaults of all fields. */
const paper: TrainingConfiguration = trainingConfigurationSchema.parse({});

/** No weight for what stands in for a truth that is not known: the critics and the cycle. */
const withoutGuesses = {
  ...paper.losses.generator,
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
    model: { ...paper.model, baseChannels: 16, criticBaseChannels: 16 },
    data: { ...paper.data, mirror: true },
    optimiser: { ...paper.optimiser, learningRate: 3e-4, averageDecay: 0.99 },
    schedule: { ...paper.schedule, epochs: 40, generatorEvery: 2, checkpointEvery: 200 },
    validation: { ...paper.validation, slices: 40, every: 500 },
  },
  /**
   * For patients that have several modalities, which are learnt from as pairs; what real patients did best with. As the
   * truths are known, there are neither critics nor a cycle.
   */
  pairs: {
    ...paper,
    model: {
      ...paper.model,
      baseChannels: 16,
      contextSlices: 1,
      brainMaskChannel: true,
      targetConditioning: true,
      sourceConditioning: true,
      criticBaseChannels: 8,
    },
    data: { ...paper.data, minimumBrainFraction: 0.08, paired: true, targets: 'known', mirror: true },
    losses: {
      ...paper.losses,
      generator: { ...withoutGuesses, truth: 100 },
      truthError: 'absolute',
      pixelWeights: { brain: 1, tumour: 2 },
    },
    optimiser: { ...paper.optimiser, learningRate: 3e-3, beta1: 0.5, beta2: 0.99, averageDecay: 0.99 },
    schedule: { ...paper.schedule, batchSize: 4, epochs: 4, generatorEvery: 1, checkpointEvery: 200 },
    validation: { ...paper.validation, slices: 40, every: 500 },
  },
  /**
   * Any modality from any set of the others, at the scan's own resolution, learnt from patients that have several: for what is
   * used afterwards. Tens of thousands of updates.
   */
  'any-source': {
    ...paper,
    model: {
      ...paper.model,
      network: 'any-source',
      sliceSide: 192,
      levels: 4,
      baseChannels: 16,
      criticBaseChannels: 8,
    },
    data: {
      ...paper.data,
      preparation: {
        ...paper.data.preparation,
        fieldOfViewMm: 192,
        maximumFieldOfViewMm: 224,
        normalisation: 'z-score',
        centre: 'foreground',
      },
      minimumBrainFraction: 0.06,
      paired: true,
      targets: 'known',
      mirror: true,
      tumourRepeats: 2,
    },
    losses: {
      ...paper.losses,
      generator: { ...withoutGuesses, sup: 0, feature: 0, truth: 1 },
      truthError: 'absolute',
      scaleShiftInvariance: 0.7,
      pixelWeights: { brain: 1, tumour: 4 },
    },
    optimiser: {
      ...paper.optimiser,
      learningRate: 1e-3,
      warmUp: 100,
      finalLearningRate: 1e-5,
      beta2: 0.99,
      averageDecay: 0.999,
    },
    schedule: {
      ...paper.schedule,
      batchSize: 4,
      iterations: 40_000,
      generatorEvery: 1,
      checkpointEvery: 500,
    },
    validation: { ...paper.validation, slices: 60, every: 2000 },
  },
  /** For a laptop and a quarter of an hour: 4 mm pixels, small batches, the generator updated every time. */
  tiny: {
    ...paper,
    model: {
      ...paper.model,
      sliceSide: 64,
      baseChannels: 8,
      brainMaskChannel: true,
      targetConditioning: true,
      sourceConditioning: true,
      criticBaseChannels: 8,
    },
    data: { ...paper.data, minimumBrainFraction: 0.1, mirror: true },
    losses: {
      ...paper.losses,
      generator: { ...paper.losses.generator, truth: 10 },
      pixelWeights: { brain: 1, tumour: 8 },
    },
    optimiser: { ...paper.optimiser, learningRate: 2e-3, beta1: 0.5, beta2: 0.99, averageDecay: 0.98 },
    schedule: { ...paper.schedule, batchSize: 4, epochs: 10, generatorEvery: 1, checkpointEvery: 200 },
    validation: { ...paper.validation, slices: 32, every: 200 },
  },
} as const satisfies Record<string, TrainingConfiguration>;

/**
 * A preset with overrides, checked as a whole.
 *
 * @param overrides fields of {@link trainingConfigurationSchema}, from a file or `--set`: by their names with dots
 *   (`losses.generator.truth`), as nested objects, or both
 * @throws UtadError bad-configuration, naming the preset or field; unknown ones with the nearest known, those of version
 *   0.1.0 with today's name; not-supported for an option that was removed.
 */
export function resolveConfiguration(
  preset: string,
  overrides: Readonly<Record<string, unknown>>,
): TrainingConfiguration {
  const base = presetNamed(presets, preset);
  refuseEarlier(overrides, earlierTrainingFields, 'training configuration');
  const configuration = readConfiguration(
    trainingConfigurationSchema,
    withOverrides(base, overrides),
    'training configuration',
  );
  requireModelConfiguration(modelOf(configuration));
  requireUpdates(weightsOf(configuration), configuration.schedule.generatorEvery);
  requireTumourBranch(configuration);
  const { lowPercentile, highPercentile } = configuration.data.preparation;
  if (lowPercentile >= highPercentile) {
    fail('bad-configuration', {
      where: 'data.preparation.highPercentile',
      expected: 'more than lowPercentile',
      got: String(highPercentile),
    });
  }
  return configuration;
}

/** @throws UtadError bad-configuration when some iterations would learn nothing. */
function requireUpdates(weights: LossWeights, generatorEvery: number): void {
  requireTerm(weights, 'student');
  if (criticsWanted(weights).length === 0 && generatorEvery > 1) {
    fail('bad-configuration', {
      where: 'schedule.generatorEvery',
      expected:
        '1, as no critic has a weight in losses.generator and the iterations between would do nothing',
      got: String(generatorEvery),
    });
  }
}

/** @throws UtadError bad-configuration for a loss of the tumour branch in a network that has none. */
function requireTumourBranch({ model: { network }, losses }: TrainingConfiguration): void {
  if (network !== 'any-source') return;
  for (const name of ['local_fake', 'local_cls', 'local'] as const) {
    const weight = losses.generator[name];
    if (weight === 0) continue;
    fail('bad-configuration', {
      where: `losses.generator.${name}`,
      expected: '0, as a network of any sources has no tumour branch',
      got: String(weight),
    });
  }
}
