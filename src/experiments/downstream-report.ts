import { createRandom } from '../base/random.js';
import type { MeanInterval } from '../metrics/bootstrap.js';
import { estimate, intervalOf, minus, type ValueOf } from '../report/estimate.js';
import type { ValidatedPatient } from '../segmentation/validate-patient.node.js';
import type { Condition, Substitute } from './downstream-plan.js';

/** What one network reached on the test patients. */
export interface ConditionResult {
  readonly condition: Condition;
  readonly patients: readonly ValidatedPatient[];
}

/** Dice of a region under one condition: the mean over patients, and its difference to others on the same patients. */
interface RegionResult {
  readonly dice: MeanInterval;
  /** Less the Dice with the true modality; 0 and nothing in between for the truth itself. */
  readonly lessTruth: MeanInterval;
  /** Less the Dice where the modality is left out; null for the truth. */
  readonly lessWithout: MeanInterval | null;
}

/** One row of the table; `missing` is null for the truth and `all` for the mean over missing modalities. */
export interface DownstreamRow {
  readonly missing: string | null;
  readonly substitute: Substitute;
  readonly source: string | null;
  readonly patients: number;
  readonly regions: Readonly<Record<string, RegionResult>>;
}

/** The experiment's outcome; see docs/segmentation.md. */
export interface DownstreamReport {
  readonly regions: readonly string[];
  readonly rows: readonly DownstreamRow[];
  readonly results: readonly ConditionResult[];
}

type DiceOf = (patient: string, region: string) => number;

/** Summarises what the networks reached, with percentile bootstrap intervals over the test patients. */
export function downstreamReport(
  regions: readonly string[],
  results: readonly ConditionResult[],
): DownstreamReport {
  const ids = results[0]!.patients.map(({ patient }) => patient);
  const diceOf =
    ({ patients }: ConditionResult): DiceOf =>
    (id, region) =>
      patients.find(({ patient }) => patient === id)!.regions[region]!.dice;
  const truth = diceOf(results.find(({ condition }) => condition.substitute === 'truth')!);
  const of = (missing: string, substitute: Substitute): DiceOf =>
    diceOf(
      results.find(({ condition }) => condition.missing === missing && condition.substitute === substitute)!,
    );
  const interval = (key: string, value: ValueOf<string>): MeanInterval =>
    intervalOf(estimate(ids, value, createRandom('downstream', key))!);
  const row = (
    about: Pick<DownstreamRow, 'missing' | 'substitute' | 'source'>,
    dice: DiceOf,
    without: DiceOf | null,
  ): DownstreamRow => ({
    ...about,
    patients: ids.length,
    regions: Object.fromEntries(
      regions.map((region) => [
        region,
        {
          dice: interval('dice', inRegion(dice, region)),
          lessTruth: interval('truth', minus(inRegion(dice, region), inRegion(truth, region))),
          lessWithout:
            without && interval('without', minus(inRegion(dice, region), inRegion(without, region))),
        },
      ]),
    ),
  });
  const rows = results.map(({ condition, ...result }) => {
    const { missing, substitute, source } = condition;
    const without = missing === null ? null : of(missing, 'without');
    return row({ missing, substitute, source }, diceOf({ condition, ...result }), without);
  });
  const missing = [...new Set(results.flatMap(({ condition }) => condition.missing ?? []))];
  const mean =
    (substitute: Substitute): DiceOf =>
    (id, region) =>
      missing.reduce((sum, name) => sum + of(name, substitute)(id, region), 0) / missing.length;
  const over =
    missing.length < 2
      ? []
      : (['without', 'copied', 'translated'] as const).map((substitute) =>
          row({ missing: 'all', substitute, source: null }, mean(substitute), mean('without')),
        );
  return { regions, rows: [...rows, ...over], results };
}

function inRegion(dice: DiceOf, region: string): ValueOf<string> {
  return (patient) => dice(patient, region);
}
