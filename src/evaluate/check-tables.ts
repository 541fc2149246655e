import type { CheckedDirection } from './check-patient.js';

/** The columns of a check as a table: one row a patient and direction. */
export const checkColumns: Readonly<Record<string, (row: CheckedDirection) => string | number | null>> = {
  patient: ({ patient }) => patient,
  source: ({ source }) => source,
  target: ({ target }) => target,
  seen: ({ seen }) => (seen ? 1 : 0),
  flags: ({ change }) => change.flags.join(' '),
  before_ml: ({ change }) => change.beforeMl,
  after_ml: ({ change }) => change.afterMl,
  dice: ({ change }) => change.dice,
  centroid_shift_mm: ({ change }) => change.centroidShiftMm,
  flags_between_scans: ({ betweenScans }) => betweenScans.flags.join(' '),
  seen_dice: ({ seenDice }) => seenDice,
  contrast_before: ({ contrastBefore }) => contrastBefore,
  contrast_after: ({ contrastAfter }) => contrastAfter,
  error_mean: ({ error }) => error.mean,
  error_p95: ({ error }) => error.percentile95,
  cycle_mean: ({ cycle }) => cycle.mean,
  cycle_p95: ({ cycle }) => cycle.percentile95,
  cycle_rank: ({ cycleRank }) => cycleRank,
  spread_mean: ({ spread }) => spread?.mean ?? null,
  spread_p95: ({ spread }) => spread?.percentile95 ?? null,
  spread_rank: ({ spreadRank }) => spreadRank,
};
