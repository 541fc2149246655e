import { throwIfAborted } from '../base/abort.js';
import { fail } from '../base/errors.js';
import { openDevice } from '../engine/devices/devices.node.js';
import { attempt } from '../jobs/attempt.js';
import type { JobRunner } from '../jobs/job.js';
import { loadBest } from '../training/checkpoint.node.js';
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
}

/** A killed process's mark in the run is void after two minutes; see ownRun. */
const patienceMs = 150_000;

/** Trains runs; each goes on from its last checkpoint when its job is done again. */
export function trainRunRunner(): JobRunner<TrainRunRun, TrainRunResult> {
  return {
    run: ({ id, run: { run, record, cache, device, threads } }, { signal, onProgress }) =>
      attempt(id, signal, async () => {
        if (await isRun(run)) await requireSameRun(run, record);
        else await writeRunRecord(run, { ...record, created: new Date().toISOString() });
        const runtime = await openDevice(device, threads);
        const observer = quietObserver(run, record, onProgress);
        const surroundings = {
          runtime,
          observer,
          signal,
          onPrepare: () => throwIfAborted(signal, 'preparing slices'),
        };
        const model = await continueRun(run, { ...surroundings, cache, patienceMs });
        return { best: await bestOf(run, record), model };
      }),
    close: async () => undefined,
  };
}

/** Tells how many of the run's updates are done, and writes sample sheets. */
function quietObserver(
  run: string,
  { stages, configuration }: PlannedRecord,
  onProgress: (done: number, total: number) => void,
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
    onValidation: (method, iteration, { samples }) => writeSampleSheet(run, method, iteration, samples),
  };
}

/** The last stage's best validation. */
async function bestOf(run: string, record: PlannedRecord): Promise<TrainRunResult['best']> {
  const method = translatorMethods(run, record).at(-1)!;
  return (await loadBest(runPaths.training(run, method.name), method)).best;
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
  fail('bad-argument', {
    where: run,
    expected: 'no run, or one with the configuration and patients that are asked for',
    got: 'another run',
    todo: 'Choose another --out, or remove it.',
  });
}
