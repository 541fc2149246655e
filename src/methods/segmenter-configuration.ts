import { z } from 'zod';
import { type EarlierFields, refuseEarlier } from '../base/earlier-fields.js';
import { fail } from '../base/errors.js';
import { presetNamed, readConfiguration, withOverrides } from '../base/read-configuration.js';
import { type SegmenterConfiguration, segmenterConfigurationSchema } from '../model/segmenter-network.js';
import { earlierTrainingFields } from '../training/earlier-configuration.js';
import { trainingSections } from '../training/training-configuration.js';

const weight = z.number().min(0);
const { modalities, regions, sliceSide, levels, baseChannels } = segmenterConfigurationSchema.shape;
const { preparation, minimumBrainFraction, mirror, augmentation } = trainingSections.data.shape;
const { averageDecay: _, ...optimiser } = trainingSections.optimiser.shape;
const { generatorEvery: __, ...schedule } = trainingSections.schedule.shape;
const { fraction, slices, every } = trainingSections.validation.shape;

/**
 * Everything that decides the course of a segmenter's run, fixed at its start and stored with it; the defaults are those of
 * the preset `small`.
 */
export const segmentationConfigurationSchema = z.strictObject({
  seed: z.int().default(1).describe('seed of every random choice'),
  model: z
    .strictObject({
      modalities: modalities.default(['t1', 't1ce', 't2', 'flair']),
      regions: regions.default(['whole', 'core', 'enhancing']),
      sliceSide: sliceSide.min(32).default(128),
      levels: levels.default(4),
      baseChannels: baseChannels.default(16),
    })
    .prefault({}),
  data: z
    .strictObject({
      preparation,
      minimumBrainFraction,
      mirror: mirror.default(true),
      augmentation,
      modalityDropout: z
        .number()
        .min(0)
        .max(0.95)
        .default(0.5)
        .describe('chance that a modality of a training slice is left out; one always stays'),
    })
    .prefault({}),
  losses: z
    .strictObject({
      dice: weight.default(1).describe('weight of the Dice loss'),
      crossEntropy: weight.default(1).describe('weight of the binary cross-entropy'),
    })
    .prefault({}),
  optimiser: z
    .strictObject({
      ...optimiser,
      learningRate: optimiser.learningRate.default(1e-3),
      finalLearningRate: optimiser.finalLearningRate.default(1e-5),
    })
    .prefault({}),
  schedule: z
    .strictObject({
      ...schedule,
      batchSize: z.int().min(1).default(8).describe('slices in a batch'),
      epochs: schedule.epochs.default(20),
      checkpointEvery: schedule.checkpointEvery.default(200),
    })
    .prefault({}),
  validation: z
    .strictObject({ fraction, slices: slices.default(80), every: every.default(200) })
    .prefault({}),
});

/** See {@link segmentationConfigurationSchema}. */
export type SegmentationConfiguration = Readonly<z.infer<typeof segmentationConfigurationSchema>>;

/** How version 0.1.0, whose configuration was flat, named the fields of a segmenter's training. */
export const earlierSegmentationFields: EarlierFields = {
  renamed: {
    ...earlierTrainingFields.renamed,
    regions: 'model.regions',
    modalityDropout: 'data.modalityDropout',
    lossWeights: 'losses',
  },
  removed: earlierTrainingFields.removed,
};

/** For one workstation: 2 mm pixels. */
const small: SegmentationConfiguration = segmentationConfigurationSchema.parse({});

/** Named starting points; every field can be overridden. */
export const segmentationPresets = {
  small,
  /** For a laptop: 4 mm pixels, half the width. */
  tiny: {
    ...small,
    model: { ...small.model, sliceSide: 64, baseChannels: 8 },
    data: { ...small.data, minimumBrainFraction: 0.1 },
    optimiser: { ...small.optimiser, learningRate: 3e-3 },
    schedule: { ...small.schedule, epochs: 10 },
  },
} as const satisfies Record<string, SegmentationConfiguration>;

/**
 * A preset with overrides, checked as a whole.
 *
 * @param overrides fields of {@link segmentationConfigurationSchema}, from a file or `--set`: by their names with dots, as
 *   nested objects, or both
 * @throws UtadError bad-configuration, naming the preset or field; unknown ones with the nearest known, those of version
 *   0.1.0 with today's name; not-supported for an option that was removed.
 */
export function resolveSegmentationConfiguration(
  preset: string,
  overrides: Readonly<Record<string, unknown>>,
): SegmentationConfiguration {
  const base = presetNamed(segmentationPresets, preset);
  refuseEarlier(overrides, earlierSegmentationFields, 'segmentation configuration');
  const configuration = readConfiguration(
    segmentationConfigurationSchema,
    withOverrides(base, overrides),
    'segmentation configuration',
  );
  const { model, data, losses } = configuration;
  const refuse = (where: string, expected: string, got: string): never =>
    fail('bad-configuration', { where, expected, got });
  // Instance norm of a single pixel is always zero: the deepest level needs at least 2×2.
  const step = 2 ** model.levels;
  if (model.sliceSide % step !== 0 || model.sliceSide / step < 2)
    refuse('model.sliceSide', `a multiple of ${step} from ${2 * step}`, String(model.sliceSide));
  const { lowPercentile, highPercentile } = data.preparation;
  if (lowPercentile >= highPercentile)
    refuse('data.preparation.highPercentile', 'more than lowPercentile', String(highPercentile));
  if (losses.dice + losses.crossEntropy === 0)
    refuse('losses', 'at least one above 0', 'dice 0 and crossEntropy 0');
  for (const field of ['modalities', 'regions'] as const)
    if (new Set(model[field]).size !== model[field].length)
      refuse(`model.${field}`, 'different names', model[field].join(', '));
  return configuration;
}

/** The part that fixes the network's shape. */
export function segmenterOf(configuration: SegmentationConfiguration): SegmenterConfiguration {
  return configuration.model;
}
