import { z } from 'zod';
import type { ScoreTable } from '../training/method.js';
import type { Scalars } from '../training/tensorboard.js';

const index = z.int().min(0);
/** Earlier versions did not look at the correlation: 0 stands for what is not known. */
const figures = { ssim: z.number(), mae: z.number(), correlation: z.number().default(0) };

/**
 * Means over directions without identity, on the [0, 1] scale, and each direction's. Of a network of any sources, the means of
 * these and of `allButOne`: each target from all other modalities that a patient has.
 */
export const translationScoreSchema = z.object({
  ...figures,
  directions: z.array(z.object({ source: index, target: index, ...figures, slices: index.default(0) })),
  allButOne: z.array(z.object({ target: index, ...figures, slices: index.default(0) })).default([]),
});

/** See {@link translationScoreSchema}. */
export type TranslationScore = Readonly<z.infer<typeof translationScoreSchema>>;

/** A direction's figures. */
export type DirectionScore = TranslationScore['directions'][number];

/** The figures of a set of translations. */
export type Figures = Pick<TranslationScore, 'ssim' | 'mae' | 'correlation'>;

/** The figures of a score that a checkpoint keeps. */
export const translationFiguresSchema = z.object(figures);

/**
 * How good a validation is: SSIM minus absolute error, both on the [0, 1] scale. SSIM alone is flattered by the
 * background and blind to a shift of all intensities.
 */
export function validationMerit({ ssim, mae }: Pick<TranslationScore, 'ssim' | 'mae'>): number {
  return ssim - mae;
}

/** The merit of a network of any sources: its correlation with the truth, which no constant and no blur has. */
export function correlationMerit({ correlation }: Pick<TranslationScore, 'correlation'>): number {
  return correlation;
}

/** A score as values of TensorBoard. */
export function scalarsOf(
  { ssim, mae, correlation, directions }: TranslationScore,
  modalities: readonly string[],
): Scalars {
  const each = directions.flatMap((one) => {
    const direction = `${modalities[one.source]} to ${modalities[one.target]}`;
    return [
      [`ssim/${direction}`, one.ssim],
      [`mae/${direction}`, one.mae],
    ] as const;
  });
  return {
    'validation/ssim': ssim,
    'validation/mae': mae,
    'validation/correlation': correlation,
    ...Object.fromEntries(each),
  };
}

/** A score as a table of directions. */
export function directionTable(
  { directions, allButOne, ...means }: TranslationScore,
  modalities: readonly string[],
): ScoreTable {
  const row = (name: string, { ssim, mae, correlation }: Figures, slices: string): string[] => [
    name,
    ssim.toFixed(3),
    mae.toFixed(3),
    correlation === 0 ? '–' : correlation.toFixed(3),
    slices,
  ];
  return {
    head: ['direction', 'SSIM ↑', 'MAE ↓', 'correlation ↑', 'slices'],
    rows: [
      ...directions.map((one) =>
        row(`${modalities[one.source]} → ${modalities[one.target]}`, one, String(one.slices)),
      ),
      ...allButOne.map((one) => row(`all others → ${modalities[one.target]}`, one, String(one.slices))),
      row('mean', means, ''),
    ],
  };
}
