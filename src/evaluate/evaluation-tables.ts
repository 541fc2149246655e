import { directionName } from '../report/by-direction.js';
import {
  type Cell,
  differenceCell,
  fixed,
  meanCell,
  minusSign,
  noFigure,
  numberCell,
  rangeText,
  signed,
  toneOf,
} from '../report/cell.js';
import { escapeHtml } from '../report/escape-html.js';
import { type Html, html } from '../report/html-page.js';
import { type Column, type Table, tableOf } from '../report/table.js';
import {
  type BaselineName,
  baselineNames,
  differenceName,
  predictionHead,
  predictionNames,
} from './baselines.js';
import { type MeasureName, measureHead, measureNames, measureOf, measures } from './measures.js';
import { type RegionName, regionNames } from './regions.js';
import type { EvaluationReport, FeatureDistances, FeatureReport, FusedScores } from './report-schema.js';
import { leadingFigures } from './worth-tables.js';

/** Figures that are compared with the baselines where there is room for two. */
const mainMeasures = ['correlation', 'fittedMae'] as const satisfies readonly MeasureName[];

/** The figures that a reader wants first, each with what it gains over the baselines. */
export function headline({ overall, patientMeans }: EvaluationReport): Html {
  const card = (region: RegionName, measure: MeasureName): string => {
    const style = measureOf(measure);
    const figure = overall.translation[region][measure];
    if (!figure) return '';
    const gains = baselineNames.map((name) => {
      const difference = overall[differenceName(name)]?.[region][measure];
      if (!difference) return '';
      const tone = toneOf(style, difference);
      return `<li${tone ? ` class="${tone}"` : ''}>${signed(style, difference.mean)} to ${predictionHead(name)} <span>${rangeText(style, difference, signed)}</span></li>`;
    });
    return (
      `<div class="card"><p>${style.label}${measure === 'tumourContrast' ? '' : ` in the ${region}`}</p>` +
      `<p class="figure">${fixed(style, figure.mean)} <span>${rangeText(style, figure)}</span></p><ul>${gains.join('')}</ul></div>`
    );
  };
  const cards = leadingFigures.map(({ region, measure }) => card(region, measure));
  const note =
    patientMeans.length < 2
      ? 'One patient: there are no intervals.'
      : `Means over directions of ${patientMeans.length} patients, with 95 % intervals over patients. Green and red: the interval of the difference leaves out 0.`;
  return html(
    `<style>${style}</style><div class="cards">${cards.join('')}</div><p class="key">${escapeHtml(note)}</p>`,
  );
}

interface IntervalsRow {
  readonly name: string;
  readonly intervals: EvaluationReport['overall'];
}

/** The baselines that stand for all others where there is little room. */
const besides = ['constant', 'regression'] as const satisfies readonly BaselineName[];

/** A measure's translation and its paired differences to those baselines. */
function comparisonColumns(region: RegionName, measure: MeasureName): Column<IntervalsRow>[] {
  const [style, group] = [measureOf(measure), measureHead(measure)];
  return [
    {
      head: 'translation',
      group,
      cell: ({ intervals }) => meanCell(style, intervals.translation[region][measure]),
    },
    ...besides.map((name) => ({
      head: `${minusSign} ${predictionHead(name)}`,
      group,
      cell: ({ intervals }: IntervalsRow) =>
        differenceCell(style, intervals[differenceName(name)]?.[region][measure] ?? null),
    })),
  ];
}

/** Every direction in one region: correlation and fitted error with intervals, and their differences to the constant and the regression. */
export function directionTable({ directions, overall }: EvaluationReport, region: RegionName): Table {
  const rows = [
    ...directions.map((one) => ({ name: directionName(one), intervals: one.intervals })),
    { name: 'all', intervals: overall },
  ];
  return tableOf(
    rows,
    [
      { head: 'direction', cell: ({ name }) => name },
      ...mainMeasures.flatMap((measure) => comparisonColumns(region, measure)),
    ],
    'Means over patients, 95 % intervals; differences are paired. Green and red: 0 is outside the interval.',
  );
}

/** Every measure in every region, over directions and patients. */
export function measureTable({ overall, mean, sliceSide }: EvaluationReport): Table {
  const shown = measureNames.filter((name) => mean.brain[name] !== null);
  const rows = shown.flatMap((measure) =>
    regionNames.flatMap((region) =>
      overall.translation[region][measure] ? [{ measure, region, style: measureOf(measure) }] : [],
    ),
  );
  const missing =
    shown.includes('msSsim') || sliceSide === null
      ? ''
      : ` MS-SSIM needs slices of 176×176 pixels: these have ${sliceSide}×${sliceSide}.`;
  return tableOf(
    rows,
    [
      { head: 'measure', cell: ({ measure, region }) => `${measureHead(measure)}, ${region}` },
      {
        head: 'translation',
        cell: ({ measure, region, style }) => meanCell(style, overall.translation[region][measure]),
      },
      ...baselineNames.map((name) => ({
        head: predictionHead(name),
        cell: ({ measure, region, style }: (typeof rows)[number]) =>
          numberCell(style, mean[name]?.[region]?.[measure]),
      })),
      ...besides.map((name) => ({
        head: `${minusSign} ${predictionHead(name)}`,
        cell: ({ measure, region, style }: (typeof rows)[number]) =>
          differenceCell(style, overall[differenceName(name)]?.[region][measure] ?? null),
      })),
    ],
    `Over directions and patients.${missing}`,
  );
}

const distances = {
  frechet: 'Fréchet',
  kernel: 'kernel',
  perceptual: 'perceptual',
} as const satisfies Record<keyof FeatureDistances, string>;

/** Set and perceptual distances of every direction. */
export function featureTable({ directions }: FeatureReport): Table {
  return tableOf(
    directions,
    [
      { head: 'direction', cell: directionName },
      { head: 'slices', cell: ({ slices }) => String(slices) },
      ...predictionNames.flatMap((name) =>
        (Object.keys(distances) as (keyof FeatureDistances)[]).map((key) => ({
          head: distances[key],
          group: predictionHead(name),
          cell: (row: (typeof directions)[number]): Cell => {
            const value = row[name]?.[key] ?? null;
            if (value === null) return noFigure;
            const best = predictionNames.every((other) => (row[other]?.[key] ?? Infinity) >= value);
            return { text: value.toPrecision(3), value, ...(best ? { tone: 'better' } : {}) };
          },
        })),
      ),
    ],
    'Lower is better; green: least of all predictions.',
  );
}

/** Fused translations of several sources, beside the best single source and the plain mean. */
export function fusedTable(fused: readonly FusedScores[]): Table {
  const [ssim, mae] = [measureHead('ssim'), measureHead('mae')];
  return tableOf(fused, [
    { head: 'sources → target', cell: ({ sources, target }) => `${sources.join(' + ')} → ${target}` },
    { head: 'best single', cell: ({ best }) => best },
    { head: 'fused', group: ssim, cell: (one) => meanCell(measures.ssim, one.intervals.fused.brain.ssim) },
    {
      head: `${minusSign} best`,
      group: ssim,
      cell: (one) => differenceCell(measures.ssim, one.intervals.minusBest.brain.ssim),
    },
    {
      head: `${minusSign} mean`,
      group: ssim,
      cell: (one) => differenceCell(measures.ssim, one.intervals.minusMean.brain.ssim),
    },
    { head: 'fused', group: mae, cell: ({ brain }) => numberCell(measures.mae, brain.mae) },
    {
      head: `${minusSign} best`,
      group: mae,
      cell: (one) => differenceCell(measures.mae, one.intervals.minusBest.brain.mae),
    },
    {
      head: 'spread',
      group: 'error and',
      cell: ({ spreadErrorCorrelation }) => numberCell({ digits: 2 }, spreadErrorCorrelation),
    },
  ]);
}

/** Each patient's means over its directions, highest correlation first. */
export function patientTable({ patientMeans }: EvaluationReport): Table {
  const sorted = [...patientMeans].sort((a, b) => (b.brain.correlation ?? -1) - (a.brain.correlation ?? -1));
  return tableOf(sorted, [
    { head: 'patient', cell: ({ patient }) => patient },
    { head: 'directions', cell: ({ directions }) => String(directions) },
    ...regionNames.flatMap((region) =>
      mainMeasures.map((measure) => ({
        head: measureHead(measure),
        group: region,
        cell: (row: (typeof sorted)[number]) => numberCell(measureOf(measure), row[region]?.[measure]),
      })),
    ),
  ]);
}

/** What a segmentation network finds on the translations and on the truth; null where none was asked. */
export function segmentationTable({ directions }: EvaluationReport): Table | null {
  const rows = directions.flatMap(({ source, target, segmentation }) =>
    segmentation === null ? [] : [{ source, target, ...segmentation }],
  );
  if (rows.length === 0) return null;
  const [score, length] = [{ digits: 3 }, { digits: 1 }];
  const groups = [
    'Dice, with the mask',
    'Dice, truth and translation',
    'truth and translation',
    'volume, ml',
  ] as const;
  const regionsFound = [...new Set(rows.flatMap(({ regionDice }) => Object.keys(regionDice)))];
  return tableOf(
    rows,
    [
      { head: 'direction', cell: directionName },
      { head: 'truth', group: groups[0], cell: ({ onTruth }) => numberCell(score, onTruth.dice) },
      {
        head: 'translation',
        group: groups[0],
        cell: ({ onTranslation }) => numberCell(score, onTranslation.dice),
      },
      ...regionsFound.map((name) => ({
        head: name,
        group: groups[1],
        cell: ({ regionDice }: (typeof rows)[number]) => numberCell(score, regionDice[name]),
      })),
      {
        head: 'HD95, mm',
        group: groups[2],
        cell: ({ between }) => numberCell(length, between.hausdorff95Mm),
      },
      { head: 'truth', group: groups[3], cell: ({ onTruth }) => numberCell(length, onTruth.volumeMl) },
      {
        head: 'translation',
        group: groups[3],
        cell: ({ onTranslation }) => numberCell(length, onTranslation.volumeMl),
      },
      { head: 'moved, mm', cell: ({ between }) => numberCell(length, between.centroidDistanceMm) },
    ],
    'Means over patients with a mask: what the network finds on the real image and on the translated one, each alone.',
  );
}

/** The figures of fused sources beside the best of them alone, in short: for the terminal. */
export function shortFusedTable(fused: readonly FusedScores[]): Table {
  const { ssim, mae } = measures;
  return tableOf(fused, [
    { head: 'sources → target', cell: ({ sources, target }) => `${sources.join(' + ')} → ${target}` },
    { head: 'SSIM', cell: ({ brain }) => numberCell(ssim, brain.ssim) },
    { head: 'best single', cell: ({ best, single }) => `${best} ${fixed(ssim, single.brain.ssim)}` },
    { head: 'mean', cell: ({ mean }) => numberCell(ssim, mean.brain.ssim) },
    { head: 'MAE', cell: ({ brain }) => numberCell(mae, brain.mae) },
    { head: 'best single', cell: ({ single }) => numberCell(mae, single.brain.mae) },
    { head: 'mean', cell: ({ mean }) => numberCell(mae, mean.brain.mae) },
    {
      head: 'spread and error',
      cell: ({ spreadErrorCorrelation }) => numberCell({ digits: 2 }, spreadErrorCorrelation),
    },
  ]);
}

const style = `
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:.75rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.6rem .9rem;break-inside:avoid}
.card p{margin:0;font-size:.85rem;color:var(--faint)}
.card .figure{font-size:1.5rem;line-height:1.3;font-weight:600;color:var(--ink);font-variant-numeric:tabular-nums}
.card span{font-size:.8rem;font-weight:400;color:var(--faint);white-space:nowrap}
.card ul{list-style:none;margin:.1rem 0 0;padding:0;font-size:.85rem;line-height:1.4;font-variant-numeric:tabular-nums}
.card li.better{color:var(--better)}
.card li.worse{color:var(--worse)}
`;
