import { measures } from '../evaluate/measures.js';
import type { MeanInterval } from '../metrics/bootstrap.js';
import type { Cell } from '../report/cell.js';
import {
  definitions,
  figure,
  type Html,
  htmlPage,
  paragraph,
  type Section,
  table,
} from '../report/html-page.js';
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

/** What the page shows. */
export interface ComparisonPage {
  readonly rows: readonly ComparisonRow[];
  readonly pair: readonly [string, string];
  /** One or two sentences: data, budget, device. */
  readonly lead: string;
  readonly warnings: readonly string[];
  /** What was the same for all rows, by name. */
  readonly settings: Readonly<Record<string, string>>;
  readonly pictures: readonly { readonly png: Uint8Array; readonly caption: string }[];
}

const minus = '−';
const regionLabels: Readonly<Record<ComparedRegion, string>> = { brain: 'whole brain', tumour: 'tumour' };

/** One HTML file: figures over all directions, of the pair, direction by direction; pictures; what each row is. */
export function comparisonPage({ rows, pair, lead, warnings, settings, pictures }: ComparisonPage): string {
  const sections: Section[] = [
    ...(warnings.length > 0 ? [{ content: warnings.map((one) => paragraph(one)) }] : []),
    ...overall(
      'All directions',
      rows.flatMap(({ row, all }) => (all === null ? [] : [{ row, figures: all }])),
    ),
    ...overall(
      `${pair[0]} → ${pair[1]} and back`,
      rows.map(({ row, pair: figures }) => ({ row, figures })),
    ),
    ...comparedRegions.flatMap((region) =>
      comparedMeasures.map((measure, i) => ({
        ...(i === 0 ? { heading: `Direction by direction, ${regionLabels[region]}` } : {}),
        content: [directionTable(rows, region, measure)],
      })),
    ),
    {
      heading: 'Pictures',
      content: pictures.map(({ png, caption }) => figure(png, caption)),
    },
    {
      heading: 'Rows',
      content: [
        definitions(Object.fromEntries(rows.map(({ row }) => [wordsOf(row).label, wordsOf(row).what]))),
        costTable(rows),
      ],
    },
    { heading: 'The same for all', content: [definitions(settings)] },
  ];
  return htmlPage({
    title: 'Comparison',
    lead,
    sections: sections.filter(({ content }) => content.length > 0),
  });
}

interface FigureRow {
  readonly row: ComparisonRow['row'];
  readonly figures: RegionFigures;
}

/** A table for each region, under one heading. */
function overall(heading: string, rows: readonly FigureRow[]): Section[] {
  return comparedRegions.map((region, i) => ({
    ...(i === 0 ? { heading } : {}),
    content: [overallTable(rows, region)],
  }));
}

function overallTable(rows: readonly FigureRow[], region: ComparedRegion): Html {
  const cells = ({ row, figures }: FigureRow): Cell[] => [
    wordsOf(row).label,
    ...comparedMeasures.flatMap((measure): Cell[] => {
      const one = figures[region][measure];
      return [plain(measure, one), difference(measure, one?.lessStudent ?? null, one?.patients ?? 0)];
    }),
  ];
  return table(
    [regionLabels[region], ...comparedMeasures.flatMap((measure) => [head(measure), `${minus} student`])],
    rows.map(cells),
    {
      caption:
        'Means over patients with 95 % bootstrap intervals; differences to the student are of the same patients. Green and red: 0 is outside the interval.',
    },
  );
}

/** Rows by directions, as the publication has it; the best network of each direction in green. */
function directionTable(
  rows: readonly ComparisonRow[],
  region: ComparedRegion,
  measure: ComparedMeasure,
): Html {
  const names = rows
    .reduce((most, row) => (row.directions.length > most.length ? row.directions : most), rows[0]!.directions)
    .map(({ source, target }) => ({ source, target }));
  const value = (row: ComparisonRow, { source, target }: (typeof names)[number]): number | undefined =>
    row.directions.find((one) => one.source === source && one.target === target)?.figures[region][measure]
      ?.mean;
  const best = names.map((name) => {
    const values = rows.flatMap((row) => value(row, name) ?? []);
    return measures[measure].better === 'higher' ? Math.max(...values) : Math.min(...values);
  });
  return table(
    [head(measure), ...names.map(({ source, target }) => `${source} → ${target}`)],
    rows.map((row): Cell[] => [
      wordsOf(row.row).label,
      ...names.map((name, i): Cell => {
        const own = value(row, name);
        if (own === undefined) return { text: '–', tone: 'faint' };
        const text = own.toFixed(measures[measure].digits);
        return own === best[i] ? { text, tone: 'better' } : text;
      }),
    ]),
    { caption: `${measures[measure].label}; green: the best of the column, by however little.` },
  );
}

function costTable(rows: readonly ComparisonRow[]): Html {
  return table(
    ['', 'batches', 'updates, s', 'parameters in use', 'seeds'],
    rows
      .filter(({ iterations }) => iterations !== null)
      .map(({ row, iterations, seconds, parameters, seeds }) => [
        wordsOf(row).label,
        String(iterations),
        seconds!.toFixed(0),
        parameters!.toLocaleString('en'),
        seeds.join(', '),
      ]),
  );
}

function plain(measure: ComparedMeasure, one: ComparedFigure | null): Cell {
  if (one === null) return { text: '–', tone: 'faint' };
  const note = one.patients < 2 ? {} : { note: `${fixed(measure, one.low)}…${fixed(measure, one.high)}` };
  return { text: fixed(measure, one.mean), ...note };
}

function difference(measure: ComparedMeasure, interval: MeanInterval | null, patients: number): Cell {
  if (interval === null) return { text: '–', tone: 'faint' };
  const { mean, low, high } = interval;
  // A difference that its digits do not show decides nothing.
  const decided =
    patients > 1 && (low > 0 || high < 0) && Number(mean.toFixed(measures[measure].digits)) !== 0;
  const better = measures[measure].better === 'higher' ? mean > 0 : mean < 0;
  return {
    text: signed(measure, mean),
    ...(patients < 2 ? {} : { note: `${signed(measure, low)}…${signed(measure, high)}` }),
    ...(decided ? { tone: better ? ('better' as const) : ('worse' as const) } : {}),
  };
}

function head(measure: ComparedMeasure): string {
  return `${measures[measure].label} ${measures[measure].better === 'higher' ? '↑' : '↓'}`;
}

function fixed(measure: ComparedMeasure, value: number): string {
  return value.toFixed(measures[measure].digits).replace('-', minus);
}

function signed(measure: ComparedMeasure, value: number): string {
  const text = fixed(measure, value);
  if (!/[1-9]/.test(text)) return text.replace(minus, '');
  return value > 0 ? `+${text}` : text;
}
