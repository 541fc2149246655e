import { z } from 'zod';
import { type ForegroundRule, foregroundRuleSchema } from './foreground.js';

/**
 * How volumes become slices: stored inside model files, because a network only understands its own recipe.
 *
 * Fields that may be left out came with the second version of model files; left out, they mean what the first
 * version did: the volume's own slices, laid around the centre of its grid, of voxels that are not 0.
 */
export const preparationRecipeSchema = z
  .strictObject({
    sliceSide: z.int().min(8).max(4096).describe('pixels along each side of a slice'),
    fieldOfViewMm: z.number().positive().max(2000).describe('millimetres along each side of a slice'),
    maximumFieldOfViewMm: z
      .number()
      .positive()
      .max(2000)
      .optional()
      .describe(
        'a brain that needs more than fieldOfViewMm is given as much as it needs, up to this many millimetres, in larger ' +
          'pixels; it is refused when left out',
      ),
    lowPercentile: z.number().min(0).max(100).describe('percentile of the brain that becomes −1'),
    highPercentile: z.number().min(0).max(100).describe('percentile of the brain that becomes 1'),
    normalisation: z
      .enum(['percentiles', 'z-score'])
      .optional()
      .describe(
        'what becomes −1 and 1: two percentiles of the brain (when left out), or its mean − 10/3 and + 5 standard ' +
          'deviations, so that the mean becomes −0.2 and a deviation 0.24 whatever vessels or rings there are',
      ),
    sliceSpacingMm: z
      .union([z.literal('isotropic'), z.number().min(0.1).max(100)])
      .optional()
      .describe('millimetres between slices, or as much as between pixels; the volume’s own when left out'),
    centre: z
      .enum(['grid', 'foreground'])
      .optional()
      .describe(
        'what lies in the middle of the slices: the middle of the volume (when left out) or the patient',
      ),
    foreground: foregroundRuleSchema.optional().describe('what is no background; `nonzero` when left out'),
    foregroundByModality: z
      .record(z.string(), foregroundRuleSchema)
      .optional()
      .describe('rules of modalities that need another one, such as CT beside MRI'),
  })
  .refine((recipe) => (recipe.maximumFieldOfViewMm ?? recipe.fieldOfViewMm) >= recipe.fieldOfViewMm, {
    path: ['maximumFieldOfViewMm'],
    error: 'must not be less than fieldOfViewMm',
  })
  .refine((recipe) => recipe.lowPercentile < recipe.highPercentile, {
    path: ['highPercentile'],
    error: 'must be greater than lowPercentile',
  });

/** See {@link preparationRecipeSchema}. */
export type PreparationRecipe = Readonly<z.infer<typeof preparationRecipeSchema>>;

/** A recipe with nothing left out, as it is written beside results. */
export interface CompleteRecipe {
  readonly sliceSide: number;
  readonly fieldOfViewMm: number;
  readonly maximumFieldOfViewMm: number;
  readonly lowPercentile: number;
  readonly highPercentile: number;
  readonly normalisation: 'percentiles' | 'z-score';
  /** null for the volume's own slices. */
  readonly sliceSpacingMm: number | null;
  readonly centre: 'grid' | 'foreground';
  readonly foreground: ForegroundRule;
}

/** 256 mm hold every adult head; 0.5 and 99.5 cut off the few voxels that would squeeze all others. */
export function defaultRecipe(sliceSide: number): PreparationRecipe {
  return { sliceSide, fieldOfViewMm: 256, lowPercentile: 0.5, highPercentile: 99.5 };
}

/** What a recipe says for one modality, with what it leaves out filled in. */
export function completeRecipe(recipe: PreparationRecipe, modality?: string): CompleteRecipe {
  const { sliceSide, fieldOfViewMm, lowPercentile, highPercentile, normalisation, sliceSpacingMm, centre } =
    recipe;
  const rules = recipe.foregroundByModality ?? {};
  const own = modality !== undefined && Object.hasOwn(rules, modality) ? rules[modality] : undefined;
  return {
    sliceSide,
    fieldOfViewMm,
    maximumFieldOfViewMm: recipe.maximumFieldOfViewMm ?? fieldOfViewMm,
    lowPercentile,
    highPercentile,
    normalisation: normalisation ?? 'percentiles',
    sliceSpacingMm: sliceSpacingMm === 'isotropic' ? fieldOfViewMm / sliceSide : (sliceSpacingMm ?? null),
    centre: centre ?? 'grid',
    foreground: own ?? recipe.foreground ?? { kind: 'nonzero' },
  };
}
