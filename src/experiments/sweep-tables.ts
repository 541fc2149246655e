import type { MeanDeviation } from '../metrics/deviation.js';
import { type Cell, numberCell, type Value } from '../report/cell.js';
import { type Column, type Table, tableOf } from '../report/table.js';
import type { SweepGroup, SweepRow } from './sweep-summary.js';

const style = { digits: 4 } as const;

/** The runs as data; without times, so that equal sweeps give equal files. */
export function runsData(rows: readonly SweepRow[]): Table {
  const column = (head: string, value: (row: SweepRow) => Value): Column<SweepRow> => ({
    head,
    cell: (row) => ({ text: String(value(row) ?? ''), value: value(row) }),
  });
  return tableOf(rows, [
    column('name', ({ name }) => name),
    column('variant', ({ variant }) => variant ?? ''),
    ...Object.keys(rows[0]?.varied ?? {}).map((field) =>
      column(field, ({ varied }) => textOfField(varied[field])),
    ),
    column('fold', ({ fold }) => fold),
    column('status', ({ status }) => status),
    column('iteration', ({ iteration }) => iteration),
    column('ssim', ({ ssim }) => ssim),
    column('mae', ({ mae }) => mae),
  ]);
}

/** Runs, then what goes together with mean ± standard deviation, then what went wrong. @param show how tables are shown */
export function sweepText(
  rows: readonly SweepRow[],
  groups: readonly SweepGroup[],
  show: (table: Table) => string,
): string {
  const wrong = rows.flatMap(({ name, message }) => (message === null ? [] : [`${name}: ${message}`]));
  return [
    show(runsTable(rows)),
    ...(groups.length < rows.length ? [show(groupsTable(groups))] : []),
    ...(wrong.length > 0 ? [wrong.join('\n')] : []),
  ].join('\n\n');
}

function runsTable(rows: readonly SweepRow[]): Table {
  return tableOf(rows, [
    { head: 'run', cell: ({ name }) => name },
    { head: 'status', cell: ({ status }) => status },
    { head: 'iteration', cell: ({ iteration }) => numberCell({ digits: 0 }, iteration) },
    { head: 'SSIM', cell: ({ ssim }) => numberCell(style, ssim) },
    { head: 'MAE', cell: ({ mae }) => numberCell(style, mae) },
    { head: 'time', cell: ({ seconds }) => (seconds === null ? '–' : `${seconds.toFixed(0)} s`) },
  ]);
}

/** Runs that differ by seed and fold alone, together. */
function groupsTable(groups: readonly SweepGroup[]): Table {
  return tableOf(groups, [
    { head: 'over seeds and folds', cell: nameOf },
    { head: 'runs', cell: ({ runs }) => String(runs) },
    { head: 'SSIM', cell: ({ ssim }) => meanDeviationCell(ssim) },
    { head: 'MAE', cell: ({ mae }) => meanDeviationCell(mae) },
  ]);
}

function nameOf({ variant, varied }: SweepGroup): string {
  const fields = Object.entries(varied).map(([field, value]) => `${field}=${textOfField(value)}`);
  return [...(variant === null ? [] : [variant]), ...fields].join(' ') || 'all';
}

/** `0.8123 ± 0.0045`. */
function meanDeviationCell(found: MeanDeviation | null): Cell {
  if (found === null) return '–';
  const { mean, deviation } = found;
  return `${mean.toFixed(style.digits)}${deviation === null ? '' : ` ± ${deviation.toFixed(style.digits)}`}`;
}

function textOfField(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
