import { directionName } from '../report/by-direction.js';
import { type Cell, noFigure, numberCell, type Value } from '../report/cell.js';
import { meanKnown } from '../report/estimate.js';
import { type Column, type Table, tableOf } from '../report/table.js';
import type { CheckedDirection } from './check-patient.js';
import type { CheckReport, DirectionCheck } from './check-report.js';

const data = (value: Value): Cell => ({ text: value === null ? '' : String(value), value });

/** A check as data: one row a patient and direction. */
export function checkedPatientsTable(rows: readonly CheckedDirection[]): Table {
  const columns: Readonly<Record<string, (row: CheckedDirection) => Value>> = {
    patient: ({ patient }) => patient,
    source: ({ source }) => source,
    target: ({ target }) => target,
    detected: ({ detected }) => (detected ? 1 : 0),
    flags: ({ change }) => change.flags.join(' '),
    before_ml: ({ change }) => change.beforeMl,
    after_ml: ({ change }) => change.afterMl,
    dice: ({ change }) => change.dice,
    centroid_shift_mm: ({ change }) => change.centroidShiftMm,
    flags_between_scans: ({ betweenScans }) => betweenScans.flags.join(' '),
    detected_dice: ({ detectedDice }) => detectedDice,
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
  return tableOf(
    rows,
    Object.entries(columns).map(([head, value]) => ({ head, cell: (row) => data(value(row)) })),
  );
}

/** A check by direction, and over all of them: counts are summed, figures averaged. */
export function checkTable({ directions }: CheckReport): Table {
  type Rows = readonly DirectionCheck[];
  const rows = [
    ...directions.map((one) => ({ name: directionName(one), own: [one] as Rows })),
    { name: 'all', own: directions as Rows },
  ];
  type Row = (typeof rows)[number];
  const sum = (own: Rows, value: (one: DirectionCheck) => number): number =>
    own.reduce((total, one) => total + value(one), 0);
  const count = (head: string, value: (one: DirectionCheck) => number): Column<Row> => ({
    head,
    cell: ({ own }) => String(sum(own, value)),
  });
  const mean = (head: string, value: (one: DirectionCheck) => number | undefined): Column<Row> => ({
    head,
    cell: ({ own }) => {
      const found = meanKnown(own.map(value));
      return found === null ? noFigure : numberCell({ digits: 2 }, found);
    },
  });
  return tableOf(rows, [
    { head: 'direction', cell: ({ name }) => name },
    {
      head: 'detected',
      cell: ({ own }) => `${sum(own, ({ detected }) => detected)}/${sum(own, ({ patients }) => patients)}`,
    },
    mean('Dice detected', ({ detectedDice }) => detectedDice),
    count('flagged', ({ flagged }) => flagged),
    count('scans', ({ flaggedBetweenScans }) => flaggedBetweenScans),
    count('vanished', ({ flags }) => flags.vanished),
    count('shrank', ({ flags }) => flags.shrank),
    count('grew', ({ flags }) => flags.grew),
    count('moved', ({ flags }) => flags.moved),
    mean('Dice', ({ dice }) => dice),
    mean('contrast', ({ contrastBefore }) => contrastBefore),
    mean('after', ({ contrastAfter }) => contrastAfter),
    mean('cycle ρ', ({ cycleRank }) => cycleRank.mean),
    mean('spread ρ', ({ spreadRank }) => spreadRank?.mean),
  ]);
}
