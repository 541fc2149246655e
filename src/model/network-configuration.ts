import { z } from 'zod';
import { fail, refuse } from '../base/errors.js';

/** What fixes the shape of generator and critics. */
export const modelConfigurationSchema = z.strictObject({
  modalities: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9_-]*$/i))
    .min(2)
    .describe('names of the modalities, in the order of the one-hot vectors'),
  sliceSide: z.int().min(32).describe('height and width of a slice in pixels, a power of two'),
  levels: z.int().min(1).describe('halvings from the slice to the bottleneck'),
  baseChannels: z
    .int()
    .min(1)
    .describe("channels of the generator's first level, doubled at each further one"),
  contextSlices: z
    .int()
    .min(0)
    .default(0)
    .describe('slices below and above each one that the image encoder is given beside it'),
  brainMaskChannel: z
    .boolean()
    .default(false)
    .describe(
      'the encoders are also given where the brain is, and outside it every translation is background; needs ' +
        'targetConditioning',
    ),
  targetConditioning: z
    .boolean()
    .default(false)
    .describe('each target has biases of its own behind every instance norm, and last weights of its own'),
  sourceConditioning: z
    .boolean()
    .default(false)
    .describe(
      'the network is given its source: each pair of source and target has biases and last weights of its own, and ' +
        'the last layer is given the source slice; needs targetConditioning',
    ),
  criticBaseChannels: z
    .int()
    .min(1)
    .describe("channels of the critics' first layer, doubled at each further one"),
  criticLayers: z.int().min(1).describe('strided layers of the critics'),
});

/** See {@link modelConfigurationSchema}; options that are left out are off. */
export type ModelConfiguration = Readonly<z.input<typeof modelConfigurationSchema>>;

/** The part that fixes the generator, without the critics. */
export const generatorConfigurationSchema = modelConfigurationSchema.omit({
  criticBaseChannels: true,
  criticLayers: true,
});

/** See {@link generatorConfigurationSchema}. */
export type GeneratorConfiguration = Readonly<z.input<typeof generatorConfigurationSchema>>;

/** Channels of the generator's bottleneck. */
export function bottleneckChannels({
  baseChannels,
  levels,
}: Pick<ModelConfiguration, 'baseChannels' | 'levels'>): number {
  return baseChannels * 2 ** levels;
}

/** The published number of critic layers: the last map is 2×2. */
export function publishedCriticLayers(sliceSide: number): number {
  return Math.log2(sliceSide) - 1;
}

/**
 * Checks what a schema cannot say about single fields.
 *
 * @throws UtadError bad-configuration, naming the field.
 */
export function requireModelConfiguration(configuration: ModelConfiguration): void {
  const { sliceSide, levels, criticLayers, modalities } = configuration;
  if (!Number.isInteger(Math.log2(sliceSide))) {
    fail('bad-configuration', {
      where: 'model.sliceSide',
      expected: 'a power of two from 32',
      got: String(sliceSide),
    });
  }
  // Instance norm of a single pixel is always zero: the bottleneck needs at least 2×2.
  if (sliceSide / 2 ** levels < 2) {
    fail('bad-configuration', {
      where: 'model.levels',
      expected: `at most ${Math.log2(sliceSide) - 1} for slices of ${sliceSide}`,
      got: String(levels),
    });
  }
  if (sliceSide / 2 ** criticLayers < 1) {
    fail('bad-configuration', {
      where: 'model.criticLayers',
      expected: `at most ${Math.log2(sliceSide)} for slices of ${sliceSide}`,
      got: String(criticLayers),
    });
  }
  // By its biases a network tells how many of its input planes are targets.
  for (const field of ['brainMaskChannel', 'sourceConditioning'] as const) {
    if (!configuration[field] || configuration.targetConditioning) continue;
    refuse('bad-configuration', {
      where: `model.${field}`,
      problem: 'needs model.targetConditioning',
      todo: 'Set model.targetConditioning to true.',
    });
  }
  if (new Set(modalities).size !== modalities.length) {
    fail('bad-configuration', {
      where: 'model.modalities',
      expected: 'different names',
      got: modalities.join(', '),
    });
  }
}
