import { measureHead, measureOf } from '../evaluate/measures.js';
import { type Direction, directionName } from '../report/by-direction.js';
import { type Cell, differenceCell, fixed, meanCell, minusSign, noFigure } from '../report/cell.js';
import { type Column, type Table, tableOf } from '../report/table.js';
import { wordsOf } from './compare-methods.js';
import {
  type ComparedFigure,
  type ComparedMeasure,
  type ComparedRegion,
  type ComparisonRow,
  comparedMeasures,
  comparedRegions,
  type RegionFigures,
} from './comparison-report.js';

/** Regions as tables name them. */
export const regionLabels: Readonly<Record<ComparedRegion, string>> = {
  brain: 'whole brain',
  tumour: 'tumour',
};

/** A row's figures over some directions. */
export interface FiguresRow {
  readonly row: ComparisonRow['row'];
  readonly figures: RegionFigures;
}

/** Rows with figures over all directions; networks that have not learnt all of them are left out. */
export function overAllDirections(rows: readonly ComparisonRow[]): FiguresRow[] {
  return rows.flatMap(({ row, all }) => (all === null ? [] : [{ row, figures: all }]));
}

/** Rows with figures over both directions of the pair. */
export function overPair(rows: readonly ComparisonRow[]): FiguresRow[] {
  return rows.map(({ row, pair }) => ({ row, figures: pair }));
}

/** Means in one region, and their paired differences to the student. */
export function regionTable(rows: readonly FiguresRow[], region: ComparedRegion): Table {
  return tableOf(
    rows,
    [nameColumn(regionLabels[region]), ...figureColumns(region, (measure) => measureHead(measure))],
    'Means over patients with 95 % bootstrap intervals; differences to the student are of the same patients. Green and red: 0 is outside the interval.',
  );
}

/** Means in all regions, and their paired differences to the student: for the terminal. */
export function figuresTable(name: string, rows: readonly FiguresRow[]): Table {
  return tableOf(rows, [
    nameColumn(name),
    ...comparedRegions.flatMap((region) =>
      figureColumns(region, (measure) => `${region} ${measureOf(measure).label}`),
    ),
  ]);
}

function nameColumn(head: string): Column<Pick<ComparisonRow, 'row'>> {
  return { head, cell: ({ row }) => wordsOf(row).label };
}

function figureColumns(
  region: ComparedRegion,
  headOf: (measure: ComparedMeasure) => string,
): Column<FiguresRow>[] {
  return comparedMeasures.flatMap((measure): Column<FiguresRow>[] => [
    { head: headOf(measure), cell: ({ figures }) => meanCell(measureOf(measure), figures[region][measure]) },
    {
      head: `${minusSign} student`,
      cell: ({ figures }) => lessStudent(measure, figures[region][measure]),
    },
  ]);
}

/** The student's own cell is empty. */
function lessStudent(measure: ComparedMeasure, figure: ComparedFigure | null): Cell {
  if (!figure?.lessStudent) return noFigure;
  const { lessStudent: less, patients } = figure;
  return differenceCell(measureOf(measure), { ...less, patients });
}

/** Rows by directions, as the publication has it; the best of each direction in green. */
export function directionsTable(
  rows: readonly ComparisonRow[],
  region: ComparedRegion,
  measure: ComparedMeasure,
): Table {
  const style = measureOf(measure);
  const directions = rows.reduce<readonly Direction[]>(
    (most, row) => (row.directions.length > most.length ? row.directions : most),
    [],
  );
  const value = (row: ComparisonRow, { source, target }: Direction): number | undefined =>
    row.directions.find((one) => one.source === source && one.target === target)?.figures[region][measure]
      ?.mean;
  return tableOf(
    rows,
    [
      nameColumn(measureHead(measure)),
      ...directions.map((direction): Column<ComparisonRow> => {
        const values = rows.flatMap((row) => value(row, direction) ?? []);
        const best = style.better === 'higher' ? Math.max(...values) : Math.min(...values);
        return {
          head: directionName(direction),
          cell: (row) => {
            const own = value(row, direction);
            if (own === undefined) return noFigure;
            return { text: fixed(style, own), value: own, ...(own === best ? { tone: 'better' } : {}) };
          },
        };
      }),
    ],
    `${style.label}; green: the best of the column, by however little.`,
  );
}

/** What each network cost. */
export function costTable(rows: readonly ComparisonRow[]): Table {
  return tableOf(
    rows.filter(({ iterations }) => iterations !== null),
    [
      nameColumn(''),
      { head: 'batches', cell: ({ iterations }) => String(iterations) },
      { head: 'updates, s', cell: ({ seconds }) => seconds!.toFixed(0) },
      { head: 'parameters in use', cell: ({ parameters }) => parameters!.toLocaleString('en') },
      { head: 'seeds', cell: ({ seeds }) => seeds.join(', ') },
    ],
  );
}
