import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { refuse, stop } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.node.js';
import { writeJson } from '../base/json.node.js';
import { sizeOf } from '../base/shapes.js';
import type { DataSet } from '../datasets/data-set.js';
import { dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { foldsOf } from '../datasets/folds.js';
import type { Grid } from '../experiments/sweep-grid.js';
import { pointsOf, readVariants, type SweepPoint } from '../experiments/sweep-plan.js';
import { sweepCsv, sweepGroups, sweepRows, sweepTable } from '../experiments/sweep-summary.js';
import { defaultWorkers } from '../jobs/default-workers.js';
import type { Job, JobOutcome } from '../jobs/job.js';
import { type Execution, runWithProgress } from '../jobs/run-with-progress.js';
import { generatorSpecs } from '../model/generator.js';
import type { PrepareSlicesRun } from '../runs/prepare-slices-job.js';
import { casesToLearnFrom } from '../runs/run-data.js';
import { runPaths } from '../runs/run-folder.js';
import type { PlannedRecord, TrainRunResult, TrainRunRun } from '../runs/train-run-job.js';
import { planRun } from '../runs/training-run.js';
import { createProgress } from '../terminal/progress.js';
import { modelOf } from '../training/configuration.js';
import type { ExecutorFlags } from './add-executor-options.js';
import type { RequestFlags } from './add-request-options.js';
import { openExecutor } from './executor-options.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';
import { stoppable } from './stoppable.js';
import { requestFor, sayWhatIsLeftOut } from './training-request.js';

interface SweepOptions extends RequestFlags, ExecutorFlags {
  readonly vary: Grid;
  readonly variants?: string;
  readonly folds?: number;
  readonly device: string;
  readonly threads?: number;
}

export async function sweep(folder: string, options: SweepOptions): Promise<void> {
  const points = pointsOf({
    grid: options.vary,
    variants: options.variants === undefined ? null : await readVariants(options.variants),
    folds: options.folds ?? null,
  });
  const found = await findCases(folder, dataSetOptions(options));
  sayWhatIsLeftOut(found);
  const out = resolve(options.out);
  // Everything is planned before anything begins: a mistyped field is refused here.
  const records = await planAll(points, found, { ...options, out });
  await mkdir(out, { recursive: true });
  const executor = await openExecutor({
    flags: options,
    out,
    workers: () => Math.min(...records.map((record) => defaultWorkers(bytesOf(record), points.length))),
    jobsPerTask: 1,
  });
  const { device } = options;
  const threads = options.threads ?? executor.threads;
  const cache = runPaths.cache(out);
  console.error(`${points.length} runs below ${out}`);
  const outcomes = await stoppable('stopping after the iterations at hand', async (signal) => {
    const execution = { executor, signal, startProgress: createProgress };
    const unprepared = await prepareAll(execution, points, records, cache);
    const jobs = points.flatMap(({ name }, i): Job<TrainRunRun>[] => {
      if (unprepared.has(name)) return [];
      const [run, record] = [join(out, name), records[i]!];
      const outputs = [runPaths.model(run, record.stages === 'teacher' ? 'teacher' : 'student')];
      const work: TrainRunRun = { kind: 'train-run', run, record, cache, device, threads };
      return [{ id: name, inputs: [record.dataSet, cache], outputs, run: work }];
    });
    const label = 'training';
    const trained = await runWithProgress<TrainRunRun, TrainRunResult>(execution, {
      label,
      jobs,
      units: () => 1000,
    });
    return new Map([...unprepared, ...trained.map((outcome) => [outcome.id, outcome] as const)]);
  });

  const rows = sweepRows(points, outcomes);
  const groups = sweepGroups(rows);
  const stages = records[0]!.stages;
  const summary = { format: 1, dataSet: found.folder, stages, runs: rows, groups };
  console.log(sweepTable(rows, groups));
  await writeJson(join(out, 'sweep.json'), summary);
  await writeFileAtomic(join(out, 'sweep.csv'), sweepCsv(rows));
  console.log(`\nWritten: ${join(options.out, 'sweep.json')}, sweep.csv`);
  if (rows.some(({ status }) => status === 'stopped')) {
    stop({
      where: 'utad sweep',
      todo: 'run it again to continue each run from its last checkpoint',
    });
  }
  await executor.finalise();
  if (rows.some(({ status }) => status === 'failed')) process.exitCode = 1;
}

/** The record of every run, as it will be written. @throws UtadError for the first that cannot be. */
async function planAll(
  points: readonly SweepPoint[],
  found: DataSet,
  options: SweepOptions,
): Promise<readonly PlannedRecord[]> {
  const labelled = await resolveLabelsShown(found);
  const folds = options.folds === undefined ? null : splitsOf(labelled, options.folds, options);
  const records: PlannedRecord[] = [];
  for (const { name, overrides, fold } of points) {
    const request = await requestFor(found, labelled, options, overrides);
    const { created: _, ...record } = await planRun({
      ...request,
      run: join(options.out, name),
      ...(folds === null || fold === undefined ? {} : { split: folds[fold - 1]! }),
    });
    records.push(record);
  }
  return records;
}

/** One split a fold, the same for every run. */
function splitsOf(dataSet: DataSet, folds: number, { split, seed, set }: SweepOptions) {
  if (split !== undefined) {
    const todo = 'Folds hold out every patient in turn.';
    refuse('bad-argument', { where: '--folds', problem: 'cannot be combined with --split', todo });
  }
  const learnt = casesToLearnFrom(dataSet).map(({ id }) => id);
  const unlabelled = dataSet.layout === 'msd' || dataSet.layout === 'nnunet' ? [] : dataSet.cases;
  const bare = unlabelled.filter(({ mask }) => mask === undefined).map(({ id }) => id);
  return foldsOf(learnt, bare, { folds, seed: seed ?? (typeof set['seed'] === 'number' ? set['seed'] : 1) });
}

/** Prepares the slices of all runs, each set once. @returns the runs whose slices could not be, and why */
async function prepareAll(
  execution: Execution,
  points: readonly SweepPoint[],
  records: readonly PlannedRecord[],
  cache: string,
): Promise<ReadonlyMap<string, JobOutcome<TrainRunResult>>> {
  const jobs = new Map<string, Job<PrepareSlicesRun>>();
  const needed = records.map((record) => {
    const { dataSet, trainingCases, assignment, configuration: made } = record;
    const { modalities, minimumBrainFraction, sliceSide, fieldOfViewMm, preparation, neighbours } = made;
    const recipe = [sliceSide, fieldOfViewMm, made.lowPercentile, made.highPercentile, preparation];
    const slices = [trainingCases, assignment, modalities, minimumBrainFraction, recipe];
    const key = JSON.stringify(neighbours ? [...slices, neighbours] : slices);
    const id = `slices-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
    const run: PrepareSlicesRun = { kind: 'prepare-slices', record, cache };
    if (!jobs.has(id)) jobs.set(id, { id, inputs: [dataSet], outputs: [], run });
    return id;
  });
  const outcomes = await runWithProgress<PrepareSlicesRun, unknown>(execution, {
    label: 'preparing',
    jobs: [...jobs.values()],
    units: ({ run }) => Object.values(run.record.assignment).reduce((sum, names) => sum + names.length, 0),
  });
  const ended = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  return new Map(
    points.flatMap(({ name }, i): [string, JobOutcome<TrainRunResult>][] => {
      const outcome = ended.get(needed[i]!)!;
      if (outcome.status === 'stopped') return [[name, { id: name, status: 'stopped' }]];
      if (outcome.status === 'done') return [];
      return [[name, { id: name, status: 'failed', seconds: outcome.seconds, failure: outcome.failure }]];
    }),
  );
}

/**
 * A rough measure of what a run holds, as the size of a model: weights, moments and gradients of the generator, its
 * teacher and two critics, and activations, are about four times what a model in use needs.
 */
function bytesOf({ configuration }: PlannedRecord): number {
  const parameters = generatorSpecs(modelOf(configuration)).reduce(
    (sum, { shape }) => sum + sizeOf(shape),
    0,
  );
  return 4 * 4 * parameters;
}
