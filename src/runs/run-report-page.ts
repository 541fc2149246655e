import type { Cell } from '../report/cell.js';
import { escapeHtml } from '../report/escape-html.js';
import {
  definitions,
  figure,
  folded,
  type Html,
  html,
  htmlPage,
  paragraph,
  type Section,
  table,
} from '../report/html-page.js';
import type { JournalLine } from '../training/journal.node.js';
import { validationMerit } from '../training/state.js';
import type { Stage } from '../training/update-setup.js';
import type { ValidationScore } from '../training/validation.js';
import { formatDuration } from '../terminal/progress.js';
import type { RunRecord } from './run-folder.js';

/** A sample sheet and when it was made. */
export interface Sample {
  readonly iteration: number;
  readonly png: Uint8Array;
}

/** What a stage left behind. */
export interface StageReport {
  readonly stage: Stage;
  readonly lines: readonly JournalLine[];
  readonly samples: readonly Sample[];
  /** Names in the stage's folder. */
  readonly files: readonly string[];
}

/** What the page about a run says. */
export interface RunReport {
  readonly run: string;
  readonly record: RunRecord;
  readonly stages: readonly StageReport[];
  readonly curves: Html;
  /** Of the training data; null before they were prepared. */
  readonly fingerprint: string | null;
}

type Validation = Extract<JournalLine, { kind: 'validation' }>;

/** The page about a run: how it learnt, what it makes, and everything that decided its course. */
export function runReportPage({ run, record, stages, curves, fingerprint }: RunReport): string {
  const { modalities } = record.configuration;
  return htmlPage({
    title: `Training run ${run}`,
    lead: stages.map(progressOf).join(' '),
    sections: [
      { heading: 'How it learns', content: [curves] },
      ...stages.flatMap((one): Section[] => {
        const best = bestOf(one);
        const content = best === null ? [] : [directionTable(best, modalities)];
        return content.length > 0 ? [{ heading: `Directions, ${one.stage}`, content }] : [];
      }),
      ...stages.flatMap((one): Section[] =>
        one.samples.length > 0 ? [{ heading: `Samples over time, ${one.stage}`, content: samples(one) }] : [],
      ),
      { heading: 'What decided its course', content: [facts(record, fingerprint, stages)] },
      { heading: 'Patients', content: [patients(record)] },
      {
        heading: 'Configuration',
        content: [html(`<pre>${escapeHtml(JSON.stringify(record.configuration, null, 2))}</pre>`)],
      },
    ],
  });
}

function progressOf({ stage, lines }: StageReport): string {
  const steps = lines.filter((line) => line.kind === 'step');
  const seconds = steps.reduce((sum, line) => sum + line.seconds, 0);
  const best = bestOf({ lines });
  const words = best
    ? `its best validation is that of iteration ${best.iteration}: SSIM ${best.score.ssim.toFixed(3)}, MAE ${best.score.mae.toFixed(3)}`
    : 'it has not been validated yet';
  return `The ${stage} stands at iteration ${steps.at(-1)?.iteration ?? 0} after ${formatDuration(seconds)} of updates; ${words}.`;
}

/** The validation that chose the best checkpoint: the first one that no other is better than. */
function bestOf({ lines }: Pick<StageReport, 'lines'>): Validation | null {
  return lines
    .filter((line) => line.kind === 'validation')
    .reduce<Validation | null>(
      (best, one) => (best === null || validationMerit(one.score) > validationMerit(best.score) ? one : best),
      null,
    );
}

function directionTable({ iteration, score }: Validation, modalities: readonly string[]): Html {
  const rows = score.directions.map((one: ValidationScore['directions'][number]): Cell[] => [
    `${modalities[one.source]} → ${modalities[one.target]}`,
    one.ssim.toFixed(3),
    one.mae.toFixed(3),
    String(one.slices),
  ]);
  const mean: Cell[] = ['mean', score.ssim.toFixed(3), score.mae.toFixed(3), ''];
  return table(['direction', 'SSIM ↑', 'MAE ↓', 'slices'], [...rows, mean], {
    caption: `Held-out slices at iteration ${iteration}, on the [0, 1] scale; these slices chose the checkpoint.`,
  });
}

/** The last sheet lies open. */
function samples({ stage, samples: all }: StageReport): Html[] {
  return all.map(({ iteration, png }, i) =>
    folded(
      `Iteration ${iteration}`,
      [
        figure(
          png,
          `${stage} at iteration ${iteration}: a held-out slice a row, a target a column, the real ones marked`,
        ),
      ],
      i === all.length - 1,
    ),
  );
}

function facts(record: RunRecord, fingerprint: string | null, stages: readonly StageReport[]): Html {
  const checkpoints = stages.map(
    ({ stage, files }) =>
      `${stage}: ${files.filter((name) => name.endsWith('.safetensors')).join(', ') || 'none yet'}`,
  );
  return definitions({
    begun: record.created,
    'version of the code': `${record.codeVersion}${record.codeFingerprint ? `, ${record.codeFingerprint}` : ''}`,
    'data set': record.dataSet,
    'fingerprint of the data': fingerprint ?? 'not prepared yet',
    stages: record.stages,
    ...(record.teacherRun === null ? {} : { 'teacher of': record.teacherRun }),
    checkpoints: checkpoints.join('; '),
  });
}

function patients({ trainingCases, validationCases, assignment }: RunRecord): Html {
  const rows = [
    ...trainingCases.map((id): Cell[] => [id, 'training', assignment[id]?.join(', ') ?? '']),
    ...validationCases.map((id): Cell[] => [id, 'held out', 'all it has']),
  ];
  return rows.length > 0
    ? table(['patient', 'for', 'contributes'], rows)
    : paragraph('The run names no patients.');
}
