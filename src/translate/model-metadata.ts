import { z } from 'zod';
import { preparationRecipeSchema } from '../imaging/recipe.js';
import { bottleneckSide, generatorConfigurationSchema } from '../model/network-configuration.js';

/**
 * The format of model files that this version writes, and the newest that it reads. Format 2 lets the recipe say
 * more; what a recipe of format 1 leaves out means in format 2 what it meant before. Format 3 names the network's fields as
 * configurations do. Format 4 knows networks of any sources, and normalisation by z-score.
 */
export const modelFormatVersion = 4;

/** Values in a quantile table: the 0/256, 1/256, …, 256/256 quantiles. */
export const quantileCount = 257;

const valueRangeSchema = z
  .strictObject({ low: z.number(), high: z.number() })
  .refine(({ low, high }) => low < high, { path: ['high'], error: 'must be greater than low' });

const reachSchema = z.tuple([z.number().min(0), z.number().min(0)]);

const scoreSchema = z.strictObject({
  ssim: z.number().describe('structural similarity, 0 to 1'),
  mae: z.number().min(0).describe('mean absolute error on the [0, 1] scale'),
  correlation: z.number().min(-1).max(1).optional().describe('correlation with the truth in the brain'),
});

const trainingSchema = z.strictObject({
  stage: z.enum(['teacher', 'student']),
  iterations: z.int().min(0).describe('critic updates behind these weights'),
  trainingCases: z.array(z.string()).describe('patients that the weights have learnt from'),
  validationCases: z.array(z.string()).describe('patients that chose among checkpoints'),
  quantiles: z
    .record(z.string(), z.array(z.number().min(0).max(1)).length(quantileCount))
    .describe('quantiles of the training brains on the [0, 1] scale, for the histogram-matched baseline'),
  body: z
    .strictObject({ volumeMl: reachSchema, longestMm: reachSchema })
    .optional()
    .describe('least and most that the training brains measure: volume, and longest extent'),
  validation: scoreSchema
    .extend({
      directions: z.array(scoreSchema.extend({ source: z.string(), target: z.string() })).optional(),
      allButOne: z
        .array(scoreSchema.extend({ target: z.string() }))
        .optional()
        .describe('each target from all other modalities, of a network of any sources'),
    })
    .nullable(),
  dataFingerprint: z.string().describe('hash of what the weights were trained on'),
});

/** What a model file says of itself: how to feed it, what its numbers mean and where it comes from. */
export const modelMetadataSchema = z
  .strictObject({
    formatVersion: z.literal([1, 2, 3, modelFormatVersion]),
    model: generatorConfigurationSchema.extend({
      tumourMask: z
        .boolean()
        .optional()
        .describe('whether the network is given a mask of the tumour beside the slice, as a teacher is'),
    }),
    recipe: preparationRecipeSchema,
    valueRanges: z
      .record(z.string(), valueRangeSchema)
      .describe('intensities that 0 and 1 of a translated volume are given back as'),
    training: trainingSchema.nullable().describe('null for weights that came from elsewhere'),
    codeVersion: z.string(),
    created: z.iso.datetime(),
  })
  .superRefine((metadata, context) => {
    const { model, recipe, valueRanges, training } = metadata;
    const foreign = Object.keys(recipe.foregroundByModality ?? {}).filter(
      (name) => !model.modalities.includes(name),
    );
    const reject = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (new Set(model.modalities).size !== model.modalities.length)
      reject(['model', 'modalities'], 'must be different names');
    if (bottleneckSide(model) === undefined)
      reject(
        ['model', 'sliceSide'],
        'must be divided by the levels and leave at least 2 pixels at the bottleneck',
      );
    if (recipe.sliceSide !== model.sliceSide)
      reject(['recipe', 'sliceSide'], `must be the model's ${model.sliceSide}`);
    if (foreign.length > 0)
      reject(['recipe', 'foregroundByModality'], `must be for ${model.modalities.join(', ')}`);
    const perModality = { valueRanges, ...(training ? { 'training.quantiles': training.quantiles } : {}) };
    for (const [path, table] of Object.entries(perModality)) {
      if (Object.keys(table).sort().join() !== [...model.modalities].sort().join())
        reject(path.split('.'), `must have exactly the keys ${model.modalities.join(', ')}`);
    }
  });

/** See {@link modelMetadataSchema}; options of the network that are left out are off. */
export type ModelMetadata = Readonly<z.input<typeof modelMetadataSchema>>;

/** The network of a model file. */
export type FileNetwork = ModelMetadata['model'];

/** What is known of the training behind a model. */
export type ModelTraining = NonNullable<ModelMetadata['training']>;
