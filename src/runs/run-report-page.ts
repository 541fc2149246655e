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
import { formatDuration } from '../terminal/progress.js';
import type { JournalLine } from '../training/journal.node.js';
import type { Method } from '../training/method.js';
import { learningCurves } from './learning-curves.js';
import type { RunRecord } from './run-folder.js';

/** A sample sheet and when it was made. */
export interface Sample {
  readonly iteration: number;
  readonly png: Uint8Array;
}

/** What the training of a method left behind. */
export interface TrainingReport<Score, Held> {
  readonly method: Pick<Method<Score, Held>, 'name' | 'losses' | 'validation'>;
  readonly lines: readonly JournalLine<Score>[];
  readonly samples: readonly Sample[];
  /** Names in the training's folder. */
  readonly files: readonly string[];
}

/** What the page about a run says. */
interface RunReport<Score, Held> {
  readonly run: string;
  readonly record: RunRecord;
  /** Of methods of one kind, at least one. */
  readonly trainings: readonly TrainingReport<Score, Held>[];
  /** Of the training data; null before they were prepared. */
  readonly fingerprint: string | null;
}

type Validation<Score> = Extract<JournalLine<Score>, { kind: 'validation' }>;

/** The page about a run: how it learnt, what it makes, and everything that decided its course. */
export function runReportPage<Score, Held>({
  run,
  record,
  trainings,
  fingerprint,
}: RunReport<Score, Held>): string {
  return htmlPage({
    title: `Training run ${run}`,
    lead: trainings.map(progressOf).join(' '),
    sections: [
      { heading: 'How it learns', content: [learningCurves(trainings)] },
      ...trainings.flatMap((one): Section[] => {
        const best = bestOf(one);
        const content = best === null ? [] : [scoreTable(one, best)];
        return content.length > 0 ? [{ heading: `Validation, ${one.method.name}`, content }] : [];
      }),
      ...trainings.flatMap((one): Section[] =>
        one.samples.length > 0
          ? [{ heading: `Samples over time, ${one.method.name}`, content: samples(one) }]
          : [],
      ),
      { heading: 'What decided its course', content: [facts(record, fingerprint, trainings)] },
      { heading: 'Patients', content: [patients(record)] },
      {
        heading: 'Configuration',
        content: [html(`<pre>${escapeHtml(JSON.stringify(record.configuration, null, 2))}</pre>`)],
      },
    ],
  });
}

function progressOf<Score, Held>(training: TrainingReport<Score, Held>): string {
  const { method, lines } = training;
  const steps = lines.filter((line) => line.kind === 'step');
  const seconds = steps.reduce((sum, line) => sum + line.seconds, 0);
  const best = bestOf(training);
  const words = best
    ? `its best validation is that of iteration ${best.iteration}: ${method.validation.describe(best.score)}`
    : 'it has not been validated yet';
  return `The ${method.name} stands at iteration ${steps.at(-1)?.iteration ?? 0} after ${formatDuration(seconds)} of updates; ${words}.`;
}

/** The validation that chose the best checkpoint: the first one that no other is better than. */
function bestOf<Score, Held>({
  method: { validation },
  lines,
}: TrainingReport<Score, Held>): Validation<Score> | null {
  const meritOf = ({ score }: Validation<Score>): number =>
    validation.merit(validation.figuresSchema.parse(score));
  return lines
    .filter((line) => line.kind === 'validation')
    .reduce<Validation<Score> | null>(
      (best, one) => (best === null || meritOf(one) > meritOf(best) ? one : best),
      null,
    );
}

function scoreTable<Score, Held>(
  { method: { validation } }: TrainingReport<Score, Held>,
  { iteration, score }: Validation<Score>,
): Html {
  const { head, rows } = validation.details(score);
  return table(head, rows, {
    caption: `Held-out slices at iteration ${iteration}, on the [0, 1] scale; these slices chose the checkpoint.`,
  });
}

/** The last sheet lies open. */
function samples({
  method: { name },
  samples: all,
}: Pick<TrainingReport<never, never>, 'samples'> & { method: { name: string } }): Html[] {
  return all.map(({ iteration, png }, i) =>
    folded(
      `Iteration ${iteration}`,
      [
        figure(
          png,
          `${name} at iteration ${iteration}: a held-out slice a row, a target a column, the real ones marked`,
        ),
      ],
      i === all.length - 1,
    ),
  );
}

function facts<Score, Held>(
  record: RunRecord,
  fingerprint: string | null,
  trainings: readonly TrainingReport<Score, Held>[],
): Html {
  const checkpoints = trainings.map(
    ({ method: { name }, files }) =>
      `${name}: ${files.filter((file) => file.endsWith('.safetensors')).join(', ') || 'none yet'}`,
  );
  return definitions({
    begun: record.created,
    'version of the code': `${record.codeVersion}${record.codeFingerprint ? `, ${record.codeFingerprint}` : ''}`,
    'data set': record.dataSet,
    'fingerprint of the data': fingerprint ?? 'not prepared yet',
    ...(record.kind === 'translator' ? { stages: record.stages } : {}),
    ...(record.kind === 'translator' && record.teacherRun !== null
      ? { 'teacher of': record.teacherRun }
      : {}),
    checkpoints: checkpoints.join('; '),
  });
}

function patients(record: RunRecord): Html {
  const { trainingCases, validationCases } = record;
  const contributes = (id: string): string =>
    record.kind === 'translator' ? (record.assignment[id]?.join(', ') ?? '') : 'all it has';
  const rows = [
    ...trainingCases.map((id): Cell[] => [id, 'training', contributes(id)]),
    ...validationCases.map((id): Cell[] => [id, 'held out', 'all it has']),
  ];
  return rows.length > 0
    ? table(['patient', 'for', 'contributes'], rows)
    : paragraph('The run names no patients.');
}
