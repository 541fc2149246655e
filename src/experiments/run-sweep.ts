import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { sizeOf } from '../base/shapes.js';
import { defaultWorkers } from '../jobs/default-workers.js';
import type { Job, JobOutcome } from '../jobs/job.js';
import { type Execution, runWithProgress } from '../jobs/run-with-progress.js';
import { generatorSpecs } from '../model/generator.js';
import { csvTable } from '../report/table.js';
import type { PreparedSlices, PrepareSlicesRun } from '../runs/prepare-slices-job.js';
import { recipeOf } from '../runs/run-data.js';
import { runPaths } from '../runs/run-folder.js';
import type { PlannedRecord, TrainRunResult, TrainRunRun } from '../runs/train-run-job.js';
import { modelOf } from '../training/training-configuration.js';
import type { ExperimentFolder } from './experiment-folder.js';
import type { SweepPoint } from './sweep-plan.js';
import { type SweepGroup, type SweepRow, sweepGroups, sweepRows } from './sweep-summary.js';
import { runsData } from './sweep-tables.js';

/** A run of a sweep, and its record as it will be written. */
export interface SweepRun {
  readonly point: SweepPoint;
  readonly record: PlannedRecord;
}

/** What became of a sweep. */
interface SweepResult {
  readonly rows: readonly SweepRow[];
  readonly groups: readonly SweepGroup[];
  /** What a person should know of runs, as sentences. */
  readonly notices: readonly string[];
}

type Outcomes = ReadonlyMap<string, JobOutcome<TrainRunResult>>;

/**
 * Trains all runs, or goes on with them, and writes sweep.json and sweep.csv. Every run is a folder with a record of
 * its own: it goes on by itself, and refuses other settings.
 *
 * @param threads of each run on the CPU
 */
export async function runSweep(
  experiment: ExperimentFolder,
  runs: readonly SweepRun[],
  { device, threads }: { readonly device: string; readonly threads: number },
  execution: Execution,
): Promise<SweepResult> {
  const { folder } = experiment;
  const cache = runPaths.cache(folder);
  const { unprepared, notices } = await prepareAll(execution, runs, cache);
  const jobs = runs.flatMap(({ point: { name }, record }): Job<TrainRunRun>[] => {
    if (unprepared.has(name)) return [];
    const run = join(folder, name);
    const outputs = [runPaths.model(run, record.stages === 'teacher' ? 'teacher' : 'student')];
    const work: TrainRunRun = { kind: 'train-run', run, record, cache, device, threads };
    return [{ id: name, inputs: [record.dataSet, cache], outputs, run: work }];
  });
  const trained = await runWithProgress<TrainRunRun, TrainRunResult>(execution, {
    label: 'training',
    jobs,
    unit: 'runs',
  });
  const outcomes: Outcomes = new Map([
    ...unprepared,
    ...trained.map((outcome) => [outcome.id, outcome] as const),
  ]);
  const rows = sweepRows(
    runs.map(({ point }) => point),
    outcomes,
  );
  const groups = sweepGroups(rows);
  const { dataSet, stages } = runs[0]!.record;
  await experiment.write({
    // Without times: equal sweeps give equal files.
    'sweep.json': { format: 1, dataSet, stages, runs: rows.map(({ seconds: _, ...row }) => row), groups },
    'sweep.csv': csvTable(runsData(rows)),
  });
  return { rows, groups, notices: [...notices, ...noticesOf(trained)] };
}

function noticesOf(
  outcomes: readonly JobOutcome<{ readonly notices?: readonly string[] }>[],
): readonly string[] {
  return outcomes.flatMap(({ result }) => result?.notices ?? []);
}

/** Prepares the slices of all runs, each set once. @returns the runs whose slices could not be, and why */
async function prepareAll(
  execution: Execution,
  runs: readonly SweepRun[],
  cache: string,
): Promise<{ readonly unprepared: Outcomes; readonly notices: readonly string[] }> {
  const jobs = new Map<string, Job<PrepareSlicesRun>>();
  const needed = runs.map(({ record }) => {
    const id = slicesId(record);
    const run: PrepareSlicesRun = { kind: 'prepare-slices', record, cache };
    if (!jobs.has(id)) jobs.set(id, { id, inputs: [record.dataSet], outputs: [], run });
    return id;
  });
  const outcomes = await runWithProgress<PrepareSlicesRun, PreparedSlices>(execution, {
    label: 'preparing',
    jobs: [...jobs.values()],
    unit: 'volumes',
    units: ({ run }) => Object.values(run.record.assignment).reduce((sum, names) => sum + names.length, 0),
  });
  const ended = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  const unprepared = new Map(
    runs.flatMap(({ point: { name } }, i): [string, JobOutcome<TrainRunResult>][] => {
      const outcome = ended.get(needed[i]!)!;
      if (outcome.status === 'stopped') return [[name, { id: name, status: 'stopped' }]];
      if (outcome.status === 'done') return [];
      return [[name, { id: name, status: 'failed', seconds: outcome.seconds, failure: outcome.failure }]];
    }),
  );
  return { unprepared, notices: noticesOf(outcomes) };
}

/** Names a set of prepared slices by all that decides it. */
function slicesId({ trainingCases, assignment, configuration }: PlannedRecord): string {
  const { model, data } = configuration;
  const recipe = recipeOf(configuration);
  const slices = [trainingCases, assignment, model.modalities, data.minimumBrainFraction, recipe];
  const key = JSON.stringify([...slices, model.contextSlices]);
  return `slices-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
}

/** Workers that suit this machine for all runs. */
export function sweepWorkers(runs: readonly SweepRun[]): number {
  return Math.min(...runs.map(({ record }) => defaultWorkers(bytesOf(record), runs.length)));
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
