import { z } from 'zod';
import { fail, refuse } from '../base/errors.js';

/** What fixes the shape of generator and critics. */
export const modelConfigurationSchema = z.strictObject({
  modalities: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9_-]*$/i))
    .min(2)
    .describe('names of the modalities, in the order of the one-hot vectors'),
  network: z
    .enum(['utad', 'any-source'])
    .optional()
    .describe(
      'utad (when left out): the published network, from one slice, with a branch for the tumour; any-source: a U-Net that is given any ' +
        "set of the patient's other modalities, works at half the resolution and takes fine detail from the scans",
    ),
  sliceSide: z.int().min(32).describe('height and width of a slice in pixels, which the levels must divide'),
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
  detailChannels: z
    .int()
    .min(1)
    .optional()
    .describe('any-source: channels of the small head that works at the full resolution; 16 when left out'),
  criticBaseChannels: z
    .int()
    .min(1)
    .describe("channels of the critics' first layer, doubled at each further one"),
  criticLayers: z.int().min(1).describe('strided layers of the critics'),
});

/** See {@link modelConfigurationSchema}; options that are left out are off. */
export type ModelConfiguration = Readonly<z.input<typeof modelConfigurationSchema>> & Masked;

/** What the stage of a network decides. */
interface Masked {
  /** Whether a network of any sources is given a mask of the tumour, as a teacher is. */
  readonly tumourMask?: boolean | undefined;
}

/** The part that fixes the generator, without the critics. */
export const generatorConfigurationSchema = modelConfigurationSchema.omit({
  criticBaseChannels: true,
  criticLayers: true,
});

/** See {@link generatorConfigurationSchema}. */
export type GeneratorConfiguration = Readonly<z.input<typeof generatorConfigurationSchema>> & Masked;

/** Channels of the generator's bottleneck. */
export function bottleneckChannels({
  baseChannels,
  levels,
}: Pick<ModelConfiguration, 'baseChannels' | 'levels'>): number {
  return baseChannels * 2 ** levels;
}

/** The published number of critic layers: as many halvings as leave at least 2×2, which a power of two ends with. */
export function publishedCriticLayers(sliceSide: number): number {
  return halvings(sliceSide, 2);
}

/** How often a side can be halved to a whole number that is not below the least. */
function halvings(side: number, least: number): number {
  return side % 2 === 0 && side / 2 >= least ? 1 + halvings(side / 2, least) : 0;
}

/** Halvings from a slice to the bottleneck: a network of any sources begins at half the resolution. */
function halvingsOf({ network, levels }: Pick<ModelConfiguration, 'network' | 'levels'>): number {
  return levels + Number(network === 'any-source');
}

/** The side of the bottleneck where a slice can be halved so often and leaves at least 2×2; undefined where not. */
export function bottleneckSide(
  model: Pick<ModelConfiguration, 'network' | 'levels' | 'sliceSide'>,
): number | undefined {
  const side = model.sliceSide / 2 ** halvingsOf(model);
  // Instance norm of a single pixel is always zero.
  return Number.isInteger(side) && side >= 2 ? side : undefined;
}

/**
 * Checks what a schema cannot say about single fields.
 *
 * @throws UtadError bad-configuration, naming the field.
 */
export function requireModelConfiguration(configuration: ModelConfiguration): void {
  const { sliceSide, levels, criticLayers, modalities } = configuration;
  const mostLevels = halvings(sliceSide, 2) - halvingsOf({ ...configuration, levels: 0 });
  if (mostLevels < 1) {
    fail('bad-configuration', {
      where: 'model.sliceSide',
      expected: 'a multiple of a power of two, such as 128 or 192, so that it can be halved again and again',
      got: String(sliceSide),
    });
  }
  if (levels > mostLevels) {
    fail('bad-configuration', {
      where: 'model.levels',
      expected: `at most ${mostLevels} for slices of ${sliceSide}`,
      got: String(levels),
    });
  }
  if (criticLayers > halvings(sliceSide, 1)) {
    fail('bad-configuration', {
      where: 'model.criticLayers',
      expected: `at most ${halvings(sliceSide, 1)} for slices of ${sliceSide}`,
      got: String(criticLayers),
    });
  }
  requireAnySource(configuration);
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

/** @throws UtadError bad-configuration for an option that a network of any sources does not have. */
function requireAnySource(configuration: ModelConfiguration): void {
  if (configuration.network !== 'any-source') return;
  for (const field of [
    'contextSlices',
    'brainMaskChannel',
    'targetConditioning',
    'sourceConditioning',
  ] as const) {
    if (!configuration[field]) continue;
    refuse('bad-configuration', {
      where: `model.${field}`,
      problem: 'a network of any sources has no such option: it is given sources, target and brain as it is',
      todo: `Leave model.${field} out.`,
    });
  }
}
