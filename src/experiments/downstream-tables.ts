import type { MeanInterval } from '../metrics/bootstrap.js';
import { type Cell, numberCell, signed, type Value } from '../report/cell.js';
import { type Column, type Table, tableOf } from '../report/table.js';
import type { DownstreamReport, DownstreamRow } from './downstream-report.js';

const style = { digits: 3 } as const;
const data = (value: Value): Cell => ({ text: value === null ? '' : String(value), value });

/** The rows as data: one row a condition and region. */
export function downstreamTable({ regions, rows }: DownstreamReport): Table {
  type RegionRow = DownstreamRow & { readonly region: string };
  const one = (head: string, value: (row: RegionRow) => Value): Column<RegionRow> => ({
    head,
    cell: (row) => data(value(row)),
  });
  const interval = (name: string, of: (row: RegionRow) => MeanInterval | null): Column<RegionRow>[] => [
    one(name, (row) => of(row)?.mean ?? null),
    one(`${name}_low`, (row) => of(row)?.low ?? null),
    one(`${name}_high`, (row) => of(row)?.high ?? null),
  ];
  return tableOf(
    rows.flatMap((row) => regions.map((region) => ({ ...row, region }))),
    [
      one('missing', ({ missing }) => missing ?? ''),
      one('substitute', ({ substitute }) => substitute),
      one('source', ({ source }) => source ?? ''),
      one('region', ({ region }) => region),
      one('patients', ({ patients }) => patients),
      ...interval('dice', (row) => row.regions[row.region]!.dice),
      ...interval('less_truth', (row) => row.regions[row.region]!.lessTruth),
      ...interval('less_without', (row) => row.regions[row.region]!.lessWithout),
    ],
  );
}

/** The rows for the terminal: one row a condition, its regions side by side. */
export function conditionsTable({ regions, rows }: DownstreamReport): Table {
  return tableOf(rows, [
    { head: 'missing', cell: ({ missing }) => missing ?? 'nothing' },
    { head: 'in its place', cell: inItsPlace },
    ...regions.flatMap((region): Column<DownstreamRow>[] => [
      { head: region, cell: (row) => numberCell(style, row.regions[region]!.dice.mean) },
      {
        head: '95 %',
        cell: (row) => {
          const { low, high } = row.regions[region]!.dice;
          return `${low.toFixed(2)}–${high.toFixed(2)}`;
        },
      },
      {
        head: '− without',
        cell: (row) => {
          const { lessWithout } = row.regions[region]!;
          return lessWithout === null ? '' : signed(style, lessWithout.mean);
        },
      },
    ]),
  ]);
}

function inItsPlace({ substitute, source }: DownstreamRow): string {
  if (substitute === 'truth') return 'truth';
  if (substitute === 'without') return 'nothing';
  return source === null ? substitute : `${substitute} ${source}`;
}
