import type { RegionScores } from './score.js';

/** A patient that stands for how well a direction works. */
export interface RankedPatient<Row> {
  readonly rank: 'best' | 'median' | 'worst';
  readonly row: Row;
}

/** How well a patient was translated: its correlation in the brain. */
function worth({ brain }: Pick<RegionScores, 'brain'>): number {
  return brain.correlation ?? -1;
}

/** The patient in the middle by the correlation in the brain; of an even number the better one. Not of none. */
export function medianPatient<Row extends Pick<RegionScores, 'brain'>>(rows: readonly Row[]): Row {
  const sorted = [...rows].sort((a, b) => worth(b) - worth(a));
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}

/**
 * Best, median and worst patient by the correlation in the brain; each patient once, so of two there is no median, and of one
 * only the best.
 *
 * @param rows of one direction
 */
export function rankPatients<Row extends Pick<RegionScores, 'brain'>>(
  rows: readonly Row[],
): readonly RankedPatient<Row>[] {
  const sorted = [...rows].sort((a, b) => worth(b) - worth(a));
  const places = [
    { rank: 'best', at: 0 },
    { rank: 'median', at: sorted.length < 3 ? -1 : Math.floor(sorted.length / 2) },
    { rank: 'worst', at: sorted.length < 2 ? -1 : sorted.length - 1 },
  ] as const;
  return places.flatMap(({ rank, at }) => (at < 0 ? [] : [{ rank, row: sorted[at]! }]));
}
