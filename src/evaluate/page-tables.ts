import { escapeHtml } from '../report/escape-html.js';
import { type Cell, type Html, html, table } from '../report/html-page.js';
import {
  isBetter,
  type MeasureName,
  measureNames,
  measures,
  type RegionName,
  regionNames,
} from './measures.js';
import type {
  EvaluationReport,
  FeatureDistances,
  FeatureReport,
  FusedScores,
  PatientInterval,
} from './report-schema.js';

const minus = '−';

/** The figures that a reader wants first, each with what it gains over the answers that need no network. */
export function headline({ overall, patientMeans }: EvaluationReport): Html {
  const card = (region: RegionName, measure: MeasureName): string => {
    const figure = overall.translation[region][measure];
    if (!figure) return '';
    const gains = [
      { name: 'copy', difference: overall.minusCopy[region][measure] },
      { name: 'matched', difference: overall.minusMatched?.[region][measure] ?? null },
    ].map(({ name, difference }) => {
      if (!difference) return '';
      const tone = toneOf(measure, difference);
      return `<li${tone ? ` class="${tone}"` : ''}>${signed(measure, difference.mean)} to ${name} <span>${rangeText(measure, difference, true)}</span></li>`;
    });
    return (
      `<div class="card"><p>${measures[measure].label} in the ${region}</p>` +
      `<p class="figure">${fixed(measure, figure.mean)} <span>${rangeText(measure, figure)}</span></p><ul>${gains.join('')}</ul></div>`
    );
  };
  const cards = [card('brain', 'ssim'), card('brain', 'mae'), card('tumour', 'ssim'), card('tumour', 'mae')];
  const note =
    patientMeans.length < 2
      ? 'One patient: there are no intervals.'
      : `Means over directions of ${patientMeans.length} patients, with 95 % intervals over patients. Green and red: the interval of the difference leaves out 0.`;
  return html(
    `<style>${style}</style><div class="cards">${cards.join('')}</div><p class="key">${escapeHtml(note)}</p>`,
  );
}

/** Every direction in one region: SSIM and MAE with intervals, and their differences to the trivial answers. */
export function directionTable({ directions, overall }: EvaluationReport, region: RegionName): Html {
  const shown: readonly MeasureName[] = ['ssim', 'mae'];
  const rows = [
    ...directions.map(({ source, target, intervals }) => ({ name: `${source} → ${target}`, intervals })),
    { name: 'all', intervals: overall },
  ].map(({ name, intervals }): Cell[] => [
    name,
    ...shown.flatMap((measure): Cell[] => [
      plain(measure, intervals.translation[region][measure]),
      difference(measure, intervals.minusCopy[region][measure]),
      difference(measure, intervals.minusMatched?.[region][measure] ?? null),
    ]),
  ]);
  return table(
    ['direction', ...shown.flatMap(() => ['translation', `${minus} copy`, `${minus} matched`])],
    rows,
    {
      caption:
        'Means over patients, 95 % intervals; differences are paired. Green and red: 0 is outside the interval.',
      groups: [{ text: '', span: 1 }, ...shown.map((measure) => ({ text: head(measure), span: 3 }))],
    },
  );
}

/** Every measure in every region, over directions and patients. */
export function measureTable({ overall, mean, sliceSide }: EvaluationReport): Html {
  const shown = measureNames.filter((name) => mean.brain[name] !== null);
  const rows = shown.flatMap((measure) =>
    regionNames.flatMap((region): Cell[][] => {
      const translation = overall.translation[region][measure];
      if (!translation) return [];
      return [
        [
          `${head(measure)}, ${region}`,
          plain(measure, translation),
          plainMean(measure, mean.copy[region]?.[measure]),
          plainMean(measure, mean.matched?.[region]?.[measure]),
          difference(measure, overall.minusCopy[region][measure]),
          difference(measure, overall.minusMatched?.[region][measure] ?? null),
        ],
      ];
    }),
  );
  const missing = shown.includes('msSsim')
    ? ''
    : ` MS-SSIM needs slices of 176×176 pixels: these have ${sliceSide}×${sliceSide}.`;
  return table(['measure', 'translation', 'copy', 'matched', `${minus} copy`, `${minus} matched`], rows, {
    caption: `Over directions and patients.${missing}`,
  });
}

/** Set and perceptual distances of every direction. */
export function featureTable({ directions }: FeatureReport): Html {
  const keys = ['frechet', 'kernel', 'perceptual'] as const;
  const cells = (own: FeatureDistances | null, others: readonly (FeatureDistances | null)[]): Cell[] =>
    keys.map((key) => {
      const value = own?.[key] ?? null;
      if (value === null) return { text: '–', tone: 'faint' };
      const best = others.every((other) => other === null || (other[key] ?? Infinity) >= value);
      return best ? { text: value.toPrecision(3), tone: 'better' } : value.toPrecision(3);
    });
  const rows = directions.map(({ source, target, slices, translation, copy, matched }): Cell[] => {
    const all = [translation, copy, matched];
    return [`${source} → ${target}`, String(slices), ...all.flatMap((one) => cells(one, all))];
  });
  const names = ['Fréchet', 'kernel', 'perceptual'];
  return table(['direction', 'slices', ...names, ...names, ...names], rows, {
    caption: 'Lower is better; green: least of the three.',
    groups: [
      { text: '', span: 2 },
      { text: 'translation', span: 3 },
      { text: 'copy', span: 3 },
      { text: 'matched', span: 3 },
    ],
  });
}

/** Translations from several sources made into one, beside the best single source and the plain mean. */
export function fusedTable(fused: readonly FusedScores[]): Html {
  const rows = fused.map(({ target, sources, best, brain, intervals, spreadErrorCorrelation }): Cell[] => [
    `${sources.join(' + ')} → ${target}`,
    best,
    plain('ssim', intervals.fused.brain.ssim),
    difference('ssim', intervals.minusBest.brain.ssim),
    difference('ssim', intervals.minusMean.brain.ssim),
    plainMean('mae', brain.mae),
    difference('mae', intervals.minusBest.brain.mae),
    spreadErrorCorrelation === null ? '–' : spreadErrorCorrelation.toFixed(2),
  ]);
  const names = ['fused', `${minus} best`, `${minus} mean`];
  return table(['sources → target', 'best single', ...names, ...names.slice(0, 2), 'spread'], rows, {
    groups: [
      { text: '', span: 2 },
      { text: head('ssim'), span: 3 },
      { text: head('mae'), span: 2 },
      { text: 'error and', span: 1 },
    ],
  });
}

/** Each patient's means over its directions, best SSIM first. */
export function patientTable({ patientMeans }: EvaluationReport): Html {
  const sorted = [...patientMeans].sort((a, b) => b.brain.ssim - a.brain.ssim);
  const rows = sorted.map(({ patient, directions, brain, tumour, ring }): Cell[] => [
    patient,
    String(directions),
    ...[brain, tumour, ring].flatMap((scores) =>
      (['ssim', 'mae'] as const).map((measure): Cell => plainMean(measure, scores?.[measure])),
    ),
  ]);
  const names = (['ssim', 'mae'] as const).map(head);
  return table(['patient', 'directions', ...names, ...names, ...names], rows, {
    groups: [{ text: '', span: 2 }, ...regionNames.map((region) => ({ text: region, span: 2 }))],
  });
}

function head(measure: MeasureName): string {
  return `${measures[measure].label} ${measures[measure].better === 'higher' ? '↑' : '↓'}`;
}

function plain(measure: MeasureName, interval: PatientInterval | null): Cell {
  if (!interval) return { text: '–', tone: 'faint' };
  return { text: fixed(measure, interval.mean), note: rangeText(measure, interval) };
}

function plainMean(measure: MeasureName, value: number | null | undefined): Cell {
  return value === null || value === undefined ? { text: '–', tone: 'faint' } : fixed(measure, value);
}

function difference(measure: MeasureName, interval: PatientInterval | null): Cell {
  if (!interval) return { text: '–', tone: 'faint' };
  const tone = toneOf(measure, interval);
  const note = rangeText(measure, interval, true);
  return { text: signed(measure, interval.mean), note, ...(tone ? { tone } : {}) };
}

/** Better or worse where the interval leaves out 0; one patient decides nothing. */
function toneOf(
  measure: MeasureName,
  { low, high, patients }: PatientInterval,
): 'better' | 'worse' | undefined {
  if (patients < 2 || (low <= 0 && high >= 0)) return undefined;
  return isBetter(measure, low, 0) ? 'better' : 'worse';
}

/** `0.81…0.86`; empty of one patient. */
function rangeText(measure: MeasureName, { low, high, patients }: PatientInterval, sign = false): string {
  const text = sign ? signed : fixed;
  return patients < 2 ? '' : `${text(measure, low)}…${text(measure, high)}`;
}

function signed(measure: MeasureName, value: number): string {
  const text = fixed(measure, value);
  return text.startsWith(minus) || Number(text) === 0 ? text : `+${text}`;
}

function fixed(measure: MeasureName, value: number): string {
  const text = value.toFixed(measures[measure].digits);
  if (Number(text) === 0) return text.replace('-', '');
  return text.replace('-', minus);
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

/** What a segmentation network finds on the translations and on the truth; nothing where none was asked. */
export function segmentationTable({ directions }: EvaluationReport): Html | null {
  const rows = directions.flatMap(({ source, target, segmentation }): Cell[][] => {
    if (segmentation === null) return [];
    const { onTruth, onTranslation, between } = segmentation;
    return [
      [
        `${source} → ${target}`,
        onTruth.dice.toFixed(3),
        onTranslation.dice.toFixed(3),
        between.dice.toFixed(3),
        between.hausdorff95Mm.toFixed(1),
        onTruth.volumeMl.toFixed(1),
        onTranslation.volumeMl.toFixed(1),
        between.centroidDistanceMm?.toFixed(1) ?? '–',
      ],
    ];
  });
  if (rows.length === 0) return null;
  return table(
    ['direction', 'truth', 'translation', 'each other', 'HD95, mm', 'truth', 'translation', 'moved, mm'],
    rows,
    {
      caption:
        'Means over patients with a mask: what the network finds on the real image and on the translated one, each alone.',
      groups: [
        { text: '', span: 1 },
        { text: 'Dice, with the mask', span: 2 },
        { text: 'truth and translation', span: 2 },
        { text: 'volume, ml', span: 2 },
        { text: '', span: 1 },
      ],
    },
  );
}
