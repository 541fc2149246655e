import { measures } from '../evaluate/measures.js';
import { textTable } from '../terminal/text-table.js';
import { wordsOf } from './compare-methods.js';
import {
  type ComparisonRow,
  comparedMeasures,
  comparedRegions,
  type RegionFigures,
} from './comparison-report.js';

/** The comparison for the terminal: over all directions, then of the pair. */
export function comparisonTable(rows: readonly ComparisonRow[], pair: readonly [string, string]): string {
  const over = (name: string, of: (row: ComparisonRow) => RegionFigures | null): string =>
    figuresTable(
      name,
      rows.flatMap((row) => {
        const figures = of(row);
        return figures === null ? [] : [{ label: wordsOf(row.row).label, figures }];
      }),
    );
  const all = over('all directions', (row) => row.all);
  const both = over(`${pair[0]} → ${pair[1]} and back`, (row) => row.pair);
  return `${all}\n\n${both}`;
}

function figuresTable(
  name: string,
  rows: readonly { readonly label: string; readonly figures: RegionFigures }[],
): string {
  const head = comparedRegions.flatMap((region) =>
    comparedMeasures.flatMap((measure) => [`${region} ${measures[measure].label}`, '− student']),
  );
  return textTable(
    [name, ...head],
    rows.map(({ label, figures }) => [
      label,
      ...comparedRegions.flatMap((region) =>
        comparedMeasures.flatMap((measure) => {
          const figure = figures[region][measure];
          const { digits } = measures[measure];
          const less = figure?.lessStudent;
          if (!figure) return ['–', ''];
          return [
            figure.mean.toFixed(digits),
            less ? signed(less.mean, digits, less.low > 0 || less.high < 0) : '',
          ];
        }),
      ),
    ]),
  );
}

/** A star where 0 is outside the interval. */
function signed(value: number, digits: number, decided: boolean): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value < 0 ? '−' : '+'}${text}${decided ? '*' : ''}`;
}
