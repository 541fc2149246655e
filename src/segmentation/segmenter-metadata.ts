import { z } from 'zod';
import { preparationRecipeSchema } from '../imaging/recipe.js';
import { segmenterConfigurationSchema } from '../model/segmenter-network.js';

/**
 * The format of segmenter files that this version writes, and the newest that it reads. Format 2 names the network's fields as
 * configurations do.
 */
export const segmenterFormatVersion = 2;

/** Key of the metadata as JSON in the file; another than a translator's, so that neither is taken for the other. */
export const segmenterMetadataKey = 'utad.segmenter';

const trainingSchema = z.strictObject({
  iterations: z.int().min(0).describe('updates behind these weights'),
  trainingCases: z.array(z.string()).describe('patients that the weights have learnt from'),
  validationCases: z.array(z.string()).describe('patients that chose among checkpoints'),
  dataFingerprint: z.string().describe('hash of what the weights were trained on'),
  modalityDropout: z.number().describe('chance that a modality of a training slice was left out'),
  validation: z
    .strictObject({ dice: z.number(), regions: z.record(z.string(), z.number()) })
    .nullable()
    .describe('Dice of the held-out slices that chose these weights, all modalities given'),
  alone: z
    .record(z.string(), z.record(z.string(), z.number()))
    .nullable()
    .optional()
    .describe('the same with each modality alone: modality → region → Dice'),
});

/** What a segmenter file says of itself: how to feed it, what its numbers mean and where it comes from. */
export const segmenterMetadataSchema = z
  .strictObject({
    formatVersion: z.literal([1, segmenterFormatVersion]),
    model: segmenterConfigurationSchema,
    recipe: preparationRecipeSchema,
    labels: z
      .record(z.string(), z.int().min(1).max(255))
      .describe('what a label map holds in each region, outside the regions after it'),
    labelConvention: z.string().describe('name of the convention that these labels follow'),
    training: trainingSchema,
    codeVersion: z.string(),
    created: z.iso.datetime(),
  })
  .superRefine(({ model, recipe, labels }, context) => {
    const reject = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (model.sliceSide % 2 ** model.levels !== 0)
      reject(['model', 'sliceSide'], `must be a multiple of ${2 ** model.levels}`);
    if (recipe.sliceSide !== model.sliceSide)
      reject(['recipe', 'sliceSide'], `must be the model's ${model.sliceSide}`);
    if (Object.keys(labels).sort().join() !== [...model.regions].sort().join())
      reject(['labels'], `must have exactly the keys ${model.regions.join(', ')}`);
  });

/** See {@link segmenterMetadataSchema}. */
export type SegmenterMetadata = Readonly<z.infer<typeof segmenterMetadataSchema>>;
