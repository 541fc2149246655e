import { z } from 'zod';
import { fail, refuse } from '../base/errors.js';

/** What fixes the shape of generator and critics. */
export const modelConfigurationSchema = z.strictObject({
  /** Names of the modalities, in the order of the one-hot vectors. */
  modalities: z.array(z.string().regex(/^[a-z0-9][a-z0-9_-]*$/i)).min(2),
  /** Height and width of a slice in pixels: a power of two from 32. */
  sliceSide: z.int().min(32),
  /** Features of the generator's first level. */
  features: z.int().min(1),
  /** Halvings from the slice to the bottleneck. */
  levels: z.int().min(1),
  /**
   * Whether each target modality has biases of its own behind every instance norm and weights of its own in the last
   * layer; not, when left out. The published generator has none: it learns of its target from constant planes alone,
   * which an instance norm takes out again everywhere but at the slice's edge.
   */
  targetConditioning: z.boolean().optional(),
  /**
   * Whether the encoders also see where the brain is, and what the decoders make elsewhere is background; not, when
   * left out. Fluid can be as dark as the background, and a published generator has to tell them apart by their
   * surroundings. Needs `targetConditioning`.
   */
  brainPlane: z.boolean().optional(),
  /**
   * Whether the network is told which modality it is given; not, when left out: a published generator has to work it
   * out. Each pair of source and target then has the biases and last weights of its own, and the last layer also sees
   * the source image: what is linear between two modalities needs no learning of features. Needs
   * `targetConditioning`.
   */
  sourceConditioning: z.boolean().optional(),
  /**
   * How many slices below and above each one the image encoder sees beside it, of the same volume; none, when left
   * out, as published.
   */
  neighbours: z.int().min(0).optional(),
  /** Features of the critics' first layer. */
  criticFeatures: z.int().min(1),
  /** Strided layers of the critics. */
  criticLayers: z.int().min(1),
});

/** See {@link modelConfigurationSchema}. */
export type ModelConfiguration = Readonly<z.infer<typeof modelConfigurationSchema>>;

/** The part that fixes the generator, without the critics. */
export type GeneratorConfiguration = Pick<
  ModelConfiguration,
  | 'modalities'
  | 'sliceSide'
  | 'features'
  | 'levels'
  | 'targetConditioning'
  | 'brainPlane'
  | 'sourceConditioning'
  | 'neighbours'
>;

/** Features of the generator's bottleneck. */
export function bottleneckChannels({
  features,
  levels,
}: Pick<ModelConfiguration, 'features' | 'levels'>): number {
  return features * 2 ** levels;
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
      where: 'sliceSide',
      expected: 'a power of two from 32',
      got: String(sliceSide),
    });
  }
  // Instance norm of a single pixel is always zero: the bottleneck needs at least 2×2.
  if (sliceSide / 2 ** levels < 2) {
    fail('bad-configuration', {
      where: 'levels',
      expected: `at most ${Math.log2(sliceSide) - 1} for slices of ${sliceSide}`,
      got: String(levels),
    });
  }
  if (sliceSide / 2 ** criticLayers < 1) {
    fail('bad-configuration', {
      where: 'criticLayers',
      expected: `at most ${Math.log2(sliceSide)} for slices of ${sliceSide}`,
      got: String(criticLayers),
    });
  }
  // By its biases a network tells how many of its input planes are targets.
  for (const field of ['brainPlane', 'sourceConditioning'] as const) {
    if (!configuration[field] || configuration.targetConditioning) continue;
    refuse('bad-configuration', {
      where: field,
      problem: 'needs targetConditioning',
      todo: 'Set targetConditioning to true.',
    });
  }
  if (new Set(modalities).size !== modalities.length) {
    fail('bad-configuration', {
      where: 'modalities',
      expected: 'different names',
      got: modalities.join(', '),
    });
  }
}
