import { z } from 'zod';

/** How volumes become slices: stored inside model files, because a network only understands its own recipe. */
export const preparationRecipeSchema = z
  .strictObject({
    sliceSide: z.int().min(8).max(4096).describe('pixels along each side of a slice'),
    fieldOfViewMm: z.number().positive().max(2000).describe('millimetres along each side of a slice'),
    lowPercentile: z.number().min(0).max(100).describe('percentile of the brain that becomes −1'),
    highPercentile: z.number().min(0).max(100).describe('percentile of the brain that becomes 1'),
  })
  .refine((recipe) => recipe.lowPercentile < recipe.highPercentile, {
    path: ['highPercentile'],
    error: 'must be greater than lowPercentile',
  });

/** See {@link preparationRecipeSchema}. */
export type PreparationRecipe = Readonly<z.infer<typeof preparationRecipeSchema>>;

/** 256 mm hold every adult head; 0.5 and 99.5 cut off the few voxels that would squeeze all others. */
export function defaultRecipe(sliceSide: number): PreparationRecipe {
  return { sliceSide, fieldOfViewMm: 256, lowPercentile: 0.5, highPercentile: 99.5 };
}
