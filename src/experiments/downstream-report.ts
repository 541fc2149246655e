import { createRandom } from '../base/random.js';
import { bootstrapMean, type MeanInterval } from '../metrics/bootstrap.js';
import { csvText } from '../report/csv.js';
import type { JudgedPatient } from '../segmentation/judge-patient.node.js';
import { textTable } from '../terminal/text-table.js';
import type { Condition, Substitute } from './downstream-plan.js';

/** What one network reached on the test patients. */
export interface ConditionResult {
  readonly condition: Condition;
  readonly patients: readonly JudgedPatient[];
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
  const interval = (key: string, value: (id: string) => number): MeanInterval =>
    bootstrapMean(ids.map(value), createRandom('downstream', key));
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
          dice: interval('dice', (id) => dice(id, region)),
          lessTruth: interval('truth', (id) => dice(id, region) - truth(id, region)),
          lessWithout: without && interval('without', (id) => dice(id, region) - without(id, region)),
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

/** The rows as a table for the terminal. */
export function downstreamTable({ regions, rows }: DownstreamReport): string {
  const head = ['missing', 'in its place', ...regions.flatMap((region) => [region, '95 %', '− without'])];
  return textTable(
    head,
    rows.map((row) => [
      row.missing ?? 'nothing',
      inItsPlace(row),
      ...regions.flatMap((region) => {
        const { dice, lessWithout } = row.regions[region]!;
        return [
          dice.mean.toFixed(3),
          `${dice.low.toFixed(2)}–${dice.high.toFixed(2)}`,
          lessWithout === null ? '' : signed(lessWithout.mean),
        ];
      }),
    ]),
  );
}

/** The rows as comma-separated text. */
export function downstreamCsv({ regions, rows }: DownstreamReport): string {
  const head = ['missing', 'substitute', 'source', 'region', 'patients', 'dice', 'dice_low', 'dice_high'];
  const differences = [
    'less_truth',
    'less_truth_low',
    'less_truth_high',
    'less_without',
    'less_without_low',
    'less_without_high',
  ];
  return csvText(
    [...head, ...differences],
    rows.flatMap((row) =>
      regions.map((region) => {
        const { dice, lessTruth, lessWithout } = row.regions[region]!;
        const three = (value: MeanInterval | null) => [
          value?.mean ?? null,
          value?.low ?? null,
          value?.high ?? null,
        ];
        return [
          row.missing ?? '',
          row.substitute,
          row.source ?? '',
          region,
          row.patients,
          ...three(dice),
          ...three(lessTruth),
          ...three(lessWithout),
        ];
      }),
    ),
  );
}

function inItsPlace({ substitute, source }: DownstreamRow): string {
  if (substitute === 'truth') return 'truth';
  if (substitute === 'without') return 'nothing';
  return source === null ? substitute : `${substitute} ${source}`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}
