import { throwIfAborted } from '../base/abort.js';
import { fail } from '../base/errors.js';
import { openDevice } from '../engine/devices/devices.node.js';
import { attempt } from '../jobs/attempt.js';
import type { JobRunner } from '../jobs/job.js';
import { loadBest } from '../training/checkpoint.node.js';
import { journalPath, readJournal, secondsIn } from '../training/journal.node.js';
import type { TrainingObserver } from '../training/observer.js';
import { iterationsOf, type TrainingConfiguration } from '../training/training-configuration.js';
import { continueRun } from './continue-run.js';
import {
  isRun,
  readTranslatorRecord,
  runPaths,
  type TranslatorRecord,
  writeRunRecord,
} from './run-folder.js';
import { translatorMethods } from './run-methods.js';
import { withRun } from './run-owner.js';
import { writeSampleSheet } from './write-sample-sheet.js';

/** A run's record before it begins. */
export type PlannedRecord = Omit<TranslatorRecord, 'created'>;

/** The work on one training run, from where it stands to its end. */
export interface TrainRunRun {
  readonly kind: 'train-run';
  /** The run's folder. */
  readonly run: string;
  readonly record: PlannedRecord;
  /** Folder of prepared slices, which runs share. */
  readonly cache: string;
  readonly device: string;
  readonly threads: number;
}

/** What a finished run came to. */
export interface TrainRunResult {
  /** The best validation of its last stage; null where nobody was held out. */
  readonly best: { readonly iteration: number; readonly ssim: number; readonly mae: number } | null;
  /** The model file of its last stage. */
  readonly model: string;
  /** Of all updates in its journals; not there in outcomes that 0.1.0 has stored. */
  readonly seconds?: number;
  /** What a person should know, as sentences: a checkpoint that was damaged, slices that were prepared again. */
  readonly notices?: readonly string[];
}

/** A killed command's workers save before they end; the mark of one elsewhere is void after two minutes; see ownRun. */
const patienceMs = 150_000;

/** Trains runs; each goes on from its last checkpoint when its job is done again. */
export function trainRunRunner(): JobRunner<TrainRunRun, TrainRunResult> {
  return {
    run: ({ id, run: { run, record, cache, device, threads } }, { signal, onProgress }) =>
      attempt(id, signal, () =>
        withRun(
          run,
          async (owner) => {
            if (await isRun(run)) await requireSameRun(run, record);
            else await writeRunRecord(run, { ...record, created: new Date().toISOString() });
            const runtime = await openDevice(device, threads);
            const notices: string[] = [];
            const observer = quietObserver(run, record, onProgress, (text) => notices.push(text));
            const model = await continueRun(run, {
              owner,
              runtime,
              observer,
              signal,
              onPrepare: () => throwIfAborted(signal, 'preparing slices'),
              cache,
            });
            return { best: await bestOf(run, record), model, seconds: await secondsOf(run, record), notices };
          },
          patienceMs,
        ),
      ),
    close: async () => undefined,
  };
}

/** Tells how many of the run's updates are done, and writes sample sheets. */
function quietObserver(
  run: string,
  { stages, configuration }: PlannedRecord,
  onProgress: (done: number, total: number) => void,
  onNotice: (text: string) => void,
): TrainingObserver {
  let length = iterationsOf(configuration, 1);
  const tell = (stage: string, done: number): void => {
    const before = stage === 'student' && stages === 'both' ? length : 0;
    onProgress(before + done, stages === 'both' ? 2 * length : length);
  };
  return {
    onBegin: (stage, from, iterations) => {
      length = iterations;
      tell(stage, from);
    },
    onStep: (stage, iteration) => tell(stage, iteration),
    onNotice,
    onValidation: (method, iteration, { samples }) => writeSampleSheet(run, method, iteration, samples),
  };
}

/** The last stage's best validation. */
async function bestOf(run: string, record: PlannedRecord): Promise<TrainRunResult['best']> {
  const method = translatorMethods(run, record).at(-1)!;
  return (await loadBest(runPaths.training(run, method.name), method)).best;
}

/** What the updates of all stages have taken, whatever calls did them. */
async function secondsOf(run: string, record: PlannedRecord): Promise<number> {
  let seconds = 0;
  for (const { name, validation } of translatorMethods(run, record))
    seconds += secondsIn(
      await readJournal(journalPath(runPaths.training(run, name)), validation.scoreSchema),
    );
  return seconds;
}

/** What decides a run's course: all but when and by which code it was begun. */
function courseOf(record: PlannedRecord): unknown {
  const { configuration, trainingCases, validationCases, assignment, stages, teacherRun } = record;
  return {
    configuration: sorted(configuration),
    trainingCases,
    validationCases,
    assignment,
    stages,
    teacherRun,
  };
}

function sorted(configuration: TrainingConfiguration): unknown {
  return Object.entries(configuration).sort(([a], [b]) => a.localeCompare(b));
}

async function requireSameRun(run: string, record: PlannedRecord): Promise<void> {
  if (JSON.stringify(courseOf(await readTranslatorRecord(run))) === JSON.stringify(courseOf(record))) return;
  fail('exists', {
    where: run,
    expected: 'no run, or one with the configuration and patients that are asked for',
    got: 'another run',
    todo: 'Choose another --out, or remove it.',
  });
}
