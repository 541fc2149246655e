import { createRandom } from '../base/random.js';
import { bootstrapMean, type MeanInterval, meanOf } from '../metrics/bootstrap.js';
import { ringWidthMm, tumourThresholds } from '../survival/tumour-change.js';
import type { CheckedDirection } from './check-patient.js';

/** The ways in which a tumour that was seen may have changed. */
const flagNames = ['vanished', 'shrank', 'grew', 'moved'] as const;

/** What was seen in one direction, over patients. */
export interface DirectionCheck {
  readonly source: string;
  readonly target: string;
  readonly patients: number;
  /** Patients in whom the segmenter sees the tumour on the true target: only these can be flagged. */
  readonly seen: number;
  /** Of these, how many have each flag. */
  readonly flags: Readonly<Record<(typeof flagNames)[number], number>>;
  /** Of these, how many have any. */
  readonly flagged: number;
  /** Of these, how many would be flagged if the true source stood in the place of the translation. */
  readonly flaggedBetweenScans: number;
  /** Means over the patients that have each figure. */
  readonly dice: number;
  readonly seenDice: number;
  readonly contrastBefore: number;
  readonly contrastAfter: number;
  /** Rank correlation with the true error, over voxels; mean over patients with an interval over patients. */
  readonly cycleRank: MeanInterval;
  readonly spreadRank: MeanInterval | null;
}

/** A whole check; see docs/checking.md. */
export interface CheckReport {
  readonly thresholds: typeof tumourThresholds;
  readonly ringWidthMm: number;
  readonly directions: readonly DirectionCheck[];
  readonly patients: readonly CheckedDirection[];
}

/** Summarises checked patients, direction by direction. */
export function checkReport(modalities: readonly string[], rows: readonly CheckedDirection[]): CheckReport {
  const directions = modalities.flatMap((source) =>
    modalities.flatMap((target) => {
      const own = rows.filter((row) => row.source === source && row.target === target);
      return own.length === 0 ? [] : [summarise(source, target, own)];
    }),
  );
  return { thresholds: tumourThresholds, ringWidthMm, directions, patients: rows };
}

function summarise(source: string, target: string, rows: readonly CheckedDirection[]): DirectionCheck {
  const seen = rows.filter((row) => row.seen);
  const mean = (values: readonly (number | null)[]): number =>
    meanOf(values.filter((value) => value !== null && !Number.isNaN(value)) as number[]);
  const interval = (name: string, values: readonly (number | null)[]): MeanInterval | null => {
    const known = values.filter((value) => value !== null && !Number.isNaN(value)) as number[];
    return known.length === 0 ? null : bootstrapMean(known, createRandom('check', name, source, target));
  };
  const flags = flagNames.map(
    (flag) => [flag, seen.filter(({ change }) => change.flags.includes(flag)).length] as const,
  );
  return {
    source,
    target,
    patients: rows.length,
    seen: seen.length,
    flags: Object.fromEntries(flags) as DirectionCheck['flags'],
    flagged: seen.filter(({ change }) => change.flags.length > 0).length,
    flaggedBetweenScans: seen.filter(({ betweenScans }) => betweenScans.flags.length > 0).length,
    dice: mean(seen.map(({ change }) => change.dice)),
    seenDice: mean(rows.map(({ seenDice }) => seenDice)),
    contrastBefore: mean(rows.map(({ contrastBefore }) => contrastBefore)),
    contrastAfter: mean(rows.map(({ contrastAfter }) => contrastAfter)),
    cycleRank: interval(
      'cycle',
      rows.map(({ cycleRank }) => cycleRank),
    ) ?? {
      mean: Number.NaN,
      low: Number.NaN,
      high: Number.NaN,
    },
    spreadRank: interval(
      'spread',
      rows.map(({ spreadRank }) => spreadRank),
    ),
  };
}
