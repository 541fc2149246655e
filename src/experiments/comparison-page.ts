import { definitions, figure, htmlPage, paragraph, type Section } from '../report/html-page.js';
import { htmlTable } from '../report/table.js';
import { wordsOf } from './compare-methods.js';
import { type ComparisonRow, comparedMeasures, comparedRegions } from './comparison-report.js';
import {
  costTable,
  directionsTable,
  type FiguresRow,
  overAllDirections,
  overPair,
  regionLabels,
  regionTable,
} from './comparison-tables.js';

/** What the page shows. */
interface ComparisonPage {
  readonly rows: readonly ComparisonRow[];
  readonly pair: readonly [string, string];
  /** One or two sentences: data, budget, device. */
  readonly lead: string;
  readonly warnings: readonly string[];
  /** What was the same for all rows, by name. */
  readonly settings: Readonly<Record<string, string>>;
  readonly pictures: readonly { readonly png: Uint8Array; readonly caption: string }[];
}

/** One HTML file: figures over all directions, of the pair, direction by direction; pictures; what each row is. */
export function comparisonPage({ rows, pair, lead, warnings, settings, pictures }: ComparisonPage): string {
  const sections: Section[] = [
    ...(warnings.length > 0 ? [{ content: warnings.map((one) => paragraph(one)) }] : []),
    ...byRegion('All directions', overAllDirections(rows)),
    ...byRegion(`${pair[0]} → ${pair[1]} and back`, overPair(rows)),
    ...comparedRegions.flatMap((region) =>
      comparedMeasures.map((measure, i) => ({
        ...(i === 0 ? { heading: `Direction by direction, ${regionLabels[region]}` } : {}),
        content: [htmlTable(directionsTable(rows, region, measure))],
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
        htmlTable(costTable(rows)),
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

/** A table for each region, under one heading. */
function byRegion(heading: string, rows: readonly FiguresRow[]): Section[] {
  return comparedRegions.map((region, i) => ({
    ...(i === 0 ? { heading } : {}),
    content: [htmlTable(regionTable(rows, region))],
  }));
}
