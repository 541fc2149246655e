import { z } from 'zod';
import { presetNamed, readConfiguration, withOverrides } from '../base/configuration.js';
import { fail } from '../base/errors.js';
import { withoutRemovedOptions } from '../model/removed-options.js';
import type { SegmenterConfiguration } from '../model/segmenter-network.js';
import { noAugmentation } from '../slices/augmentation.js';
import { trainingConfigurationSchema } from '../training/configuration.js';
import type { segmenterPresetNames } from './segmenter-preset-names.js';

const weight = z.number().min(0);

/** Everything that decides the course of a segmenter's run, fixed at its start and stored with it. */
export const segmentationConfigurationSchema = trainingConfigurationSchema
  .pick({
    sliceSide: true,
    features: true,
    levels: true,
    fieldOfViewMm: true,
    lowPercentile: true,
    highPercentile: true,
    preparation: true,
    minimumBrainFraction: true,
    validationFraction: true,
    seed: true,
    epochs: true,
    iterations: true,
    learningRate: true,
    finalLearningRate: true,
    decayFrom: true,
    beta1: true,
    beta2: true,
    mirror: true,
    augmentation: true,
    checkpointEvery: true,
    validateEvery: true,
    validationSlices: true,
  })
  .extend({
    modalities: z.array(z.string()).min(1).describe('inputs of the network; a patient may lack any of them'),
    regions: z.array(z.string()).min(1).max(8).describe('regions to find, outermost first'),
    batchSize: z.int().min(1),
    modalityDropout: z
      .number()
      .min(0)
      .max(0.95)
      .describe('chance that a modality of a training slice is left out; one always stays'),
    lossWeights: z.strictObject({ dice: weight, crossEntropy: weight }),
  });

/** See {@link segmentationConfigurationSchema}. */
export type SegmentationConfiguration = Readonly<z.infer<typeof segmentationConfigurationSchema>>;

const small: SegmentationConfiguration = {
  modalities: ['t1', 't1ce', 't2', 'flair'],
  regions: ['whole', 'core', 'enhancing'],
  sliceSide: 128,
  features: 16,
  levels: 4,
  fieldOfViewMm: 256,
  lowPercentile: 0.5,
  highPercentile: 99.5,
  minimumBrainFraction: 0.03,
  validationFraction: 0.2,
  seed: 1,
  batchSize: 8,
  epochs: 20,
  learningRate: 1e-3,
  finalLearningRate: 1e-5,
  decayFrom: 0.5,
  beta1: 0.9,
  beta2: 0.999,
  mirror: true,
  augmentation: noAugmentation,
  modalityDropout: 0.5,
  lossWeights: { dice: 1, crossEntropy: 1 },
  checkpointEvery: 200,
  validateEvery: 200,
  validationSlices: 80,
};

/** Named starting points; every field can be overridden. */
export const segmentationPresets = {
  /** For one workstation: 2 mm pixels. */
  small,
  /** For a laptop: 4 mm pixels, half the width. */
  tiny: {
    ...small,
    sliceSide: 64,
    features: 8,
    minimumBrainFraction: 0.1,
    epochs: 10,
    learningRate: 3e-3,
  },
} as const satisfies Record<(typeof segmenterPresetNames)[number], SegmentationConfiguration>;

/**
 * A preset with overrides, checked as a whole.
 *
 * @param overrides fields of {@link segmentationConfigurationSchema}, from a file or `--set`
 * @throws UtadError bad-configuration, naming the preset or field; unknown ones with the nearest known; not-supported for
 *   an option that was removed.
 */
export function resolveSegmentationConfiguration(
  preset: string,
  overrides: Readonly<Record<string, unknown>>,
): SegmentationConfiguration {
  const configuration = readConfiguration(
    segmentationConfigurationSchema,
    withOverrides(
      presetNamed(segmentationPresets, preset),
      withoutRemovedOptions(overrides, 'segmentation configuration'),
    ),
    'segmentation configuration',
  );
  const { sliceSide, levels, lowPercentile, highPercentile, modalities, regions, lossWeights } =
    configuration;
  const refuse = (where: string, expected: string, got: string): never =>
    fail('bad-configuration', { where, expected, got });
  // Instance norm of a single pixel is always zero: the deepest level needs at least 2×2.
  if (sliceSide % 2 ** levels !== 0 || sliceSide / 2 ** levels < 2)
    refuse('sliceSide', `a multiple of ${2 ** levels} from ${2 ** (levels + 1)}`, String(sliceSide));
  if (lowPercentile >= highPercentile)
    refuse('highPercentile', 'more than lowPercentile', String(highPercentile));
  if (lossWeights.dice + lossWeights.crossEntropy === 0)
    refuse('lossWeights', 'at least one above 0', 'dice 0 and crossEntropy 0');
  for (const [where, names] of Object.entries({ modalities, regions }))
    if (new Set(names).size !== names.length) refuse(where, 'different names', names.join(', '));
  return configuration;
}

/** The part that fixes the network's shape. */
export function segmenterOf(configuration: SegmentationConfiguration): SegmenterConfiguration {
  const { modalities, regions, sliceSide, features, levels } = configuration;
  return { modalities, regions, sliceSide, features, levels };
}
