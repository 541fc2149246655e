import type { PatientScores } from './evaluation-report.js';

/** A patient that stands for how well a direction works. */
export interface RankedPatient {
  readonly rank: 'best' | 'median' | 'worst';
  readonly row: PatientScores;
}

/**
 * Best, median and worst patient by SSIM in the brain; each patient once, so of two there is no median, and of one
 * only the best.
 *
 * @param rows of one direction
 */
export function rankPatients(rows: readonly PatientScores[]): readonly RankedPatient[] {
  const sorted = [...rows].sort((a, b) => b.brain.ssim - a.brain.ssim);
  const places = [
    { rank: 'best', at: 0 },
    { rank: 'median', at: sorted.length < 3 ? -1 : Math.floor(sorted.length / 2) },
    { rank: 'worst', at: sorted.length < 2 ? -1 : sorted.length - 1 },
  ] as const;
  return places.flatMap(({ rank, at }) => (at < 0 ? [] : [{ rank, row: sorted[at]! }]));
}
