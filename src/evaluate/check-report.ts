import { fromNames } from '../base/from-names.js';
import { createRandom } from '../base/random.js';
import type { MeanInterval } from '../metrics/bootstrap.js';
import { byDirection, type DirectionRows } from '../report/by-direction.js';
import { estimate, intervalOf, meanKnown, type ValueOf } from '../report/estimate.js';
import { ringWidthMm, tumourThresholds } from '../survival/tumour-change.js';
import type { CheckedDirection } from './check-patient.js';

/** The ways in which a detected tumour may have changed. */
const flagNames = ['vanished', 'shrank', 'grew', 'moved'] as const;

/** What was found in one direction, over patients. */
export interface DirectionCheck {
  readonly source: string;
  readonly target: string;
  readonly patients: number;
  /** Patients in whom the segmenter detects the tumour on the true target: only these can be flagged. */
  readonly detected: number;
  /** Of these, how many have each flag. */
  readonly flags: Readonly<Record<(typeof flagNames)[number], number>>;
  /** Of these, how many have any. */
  readonly flagged: number;
  /** Of these, how many would be flagged if the true source stood in the place of the translation. */
  readonly flaggedBetweenScans: number;
  /** Means over the patients that have each figure. */
  readonly dice: number;
  readonly detectedDice: number;
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
  const directions = byDirection(modalities, rows).map(summarise);
  return { thresholds: tumourThresholds, ringWidthMm, directions, patients: rows };
}

function summarise({ source, target, rows }: DirectionRows<CheckedDirection>): DirectionCheck {
  const detected = rows.filter((row) => row.detected);
  const mean = (values: readonly (number | null)[]): number => meanKnown(values) ?? Number.NaN;
  const interval = (name: string, value: ValueOf<CheckedDirection>): MeanInterval | null => {
    const found = estimate(rows, value, createRandom('check', name, source, target));
    return found && intervalOf(found);
  };
  const none = { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
  return {
    source,
    target,
    patients: rows.length,
    detected: detected.length,
    flags: fromNames(
      flagNames,
      (flag) => detected.filter(({ change }) => change.flags.includes(flag)).length,
    ),
    flagged: detected.filter(({ change }) => change.flags.length > 0).length,
    flaggedBetweenScans: detected.filter(({ betweenScans }) => betweenScans.flags.length > 0).length,
    dice: mean(detected.map(({ change }) => change.dice)),
    detectedDice: mean(rows.map(({ detectedDice }) => detectedDice)),
    contrastBefore: mean(rows.map(({ contrastBefore }) => contrastBefore)),
    contrastAfter: mean(rows.map(({ contrastAfter }) => contrastAfter)),
    cycleRank: interval('cycle', ({ cycleRank }) => cycleRank) ?? none,
    spreadRank: interval('spread', ({ spreadRank }) => spreadRank),
  };
}
