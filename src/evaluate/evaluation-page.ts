import {
  type Cell,
  definitions,
  figure,
  folded,
  type Html,
  htmlPage,
  paragraph,
  type Section,
  table,
} from '../report/html-page.js';
import { encodePng } from '../report/rgb-image.js';
import type { Comparison, EvaluationReport } from './evaluation-report.js';
import type { PatientSheets } from './evaluation-sheets.js';
import type { RegionScores, Scores } from './score.js';

/** What the page says besides the figures. */
export interface EvaluationPage {
  readonly report: EvaluationReport;
  readonly sheets: readonly PatientSheets[];
  /** One sentence: which model, which patients, why these. */
  readonly lead: string;
  readonly warnings: readonly string[];
}

const measures = ['ssim', 'psnr', 'mae'] as const;
type Measure = (typeof measures)[number];
const digits: Readonly<Record<Measure, number>> = { ssim: 3, psnr: 1, mae: 3 };
const heads: Readonly<Record<Measure, string>> = { ssim: 'SSIM ↑', psnr: 'PSNR ↑', mae: 'MAE ↓' };

/** The page of an evaluation: figures of all directions beside the answers that need no network, and pictures. */
export function evaluationPage(page: EvaluationPage): string {
  return htmlPage({
    title: 'Translation between modalities',
    lead: page.lead,
    sections: evaluationSections(page),
  });
}

/** The parts of {@link evaluationPage}, for pages that say more. */
export function evaluationSections({ report, sheets, warnings }: Omit<EvaluationPage, 'lead'>): Section[] {
  const intervals = Object.entries({
    'SSIM in the brain': report.intervals.brainSsim,
    'MAE in the brain': report.intervals.brainMae,
    'SSIM in the tumour': report.intervals.tumourSsim,
    'MAE in the tumour': report.intervals.tumourMae,
  }).map(([name, interval]): Cell[] =>
    interval === null
      ? [name, '–', '–']
      : [name, interval.mean.toFixed(3), `${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}`],
  );
  return [
    ...(warnings.length > 0 ? [{ heading: 'Take care', content: warnings.map(paragraph) }] : []),
    { heading: 'Pictures', content: sheets.map(pictures) },
    { heading: 'Whole brain', content: [regionTable(report, 'brain')] },
    { heading: 'Tumour', content: [regionTable(report, 'tumour')] },
    {
      heading: 'Over patients',
      content: [table(['mean over directions', 'mean', '95 % interval over patients'], intervals)],
    },
    { heading: 'What the numbers mean', content: [definitions(report.definitions)] },
  ];
}

function regionTable(report: EvaluationReport, region: 'brain' | 'tumour'): Html {
  const rows = [
    ...report.directions.map((one) => comparisonRow(`${one.source} → ${one.target}`, one, region)),
    comparisonRow('mean', report.mean, region),
  ];
  const names = measures.map((measure) => heads[measure]);
  return table(['direction', ...names, ...names, ...names], rows, {
    caption: 'Green: best of the three. Red: the translation is worse than an answer that needs no network.',
    groups: [
      { text: '', span: 1 },
      { text: 'translation', span: 3 },
      { text: 'copy of the source', span: 3 },
      { text: 'histogram matched', span: 3 },
    ],
  });
}

function comparisonRow(name: string, one: Comparison, region: 'brain' | 'tumour'): Cell[] {
  const of = (answer: RegionScores | null): Scores | null => answer?.[region] ?? null;
  const answers = [of(one), of(one.copy), of(one.matched)];
  return [
    name,
    ...answers.flatMap((scores, index) =>
      measures.map((measure): Cell => {
        if (scores === null) return { text: '–', tone: 'faint' };
        const text = scores[measure].toFixed(digits[measure]);
        const others = answers
          .filter((other, i) => other !== null && i !== index)
          .map((other) => other![measure]);
        const isBest = others.every((value) => isBetter(measure, scores[measure], value));
        if (isBest && others.length > 0) return { text, tone: 'better' };
        return index === 0 ? { text, tone: 'worse' } : text;
      }),
    ),
  ];
}

function isBetter(measure: Measure, value: number, other: number): boolean {
  return measure === 'mae' ? value < other : value > other;
}

function pictures({ patient, slice, hasTumour, directions, overview }: PatientSheets, index: number): Html {
  const words = hasTumour ? `slice ${slice}, the one with most tumour` : `slice ${slice}, without tumour`;
  const content = [
    figure(encodePng(overview), `${patient}: every modality made from every other, ${words}`),
    figure(
      encodePng(directions),
      `${patient}: source, translation, truth and difference in each direction, ${words}`,
      `${patient}, ${words}. ${hasTumour ? 'Green: outline of the tumour. ' : ''}Difference: blue too dark, orange too bright.`,
    ),
  ];
  return folded(`${patient}, ${words}`, content, index === 0);
}
