import { join, resolve } from 'node:path';
import { throwIfAborted } from '../base/abort.js';
import { refuse, stop } from '../base/errors.js';
import { makeFolder } from '../base/files.node.js';
import type { DataSet } from '../datasets/data-set.js';
import { dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { foldsOf } from '../datasets/folds.js';
import { openExperiment } from '../experiments/experiment-folder.js';
import { runSweep, type SweepRun, sweepWorkers } from '../experiments/run-sweep.js';
import type { Grid } from '../experiments/sweep-grid.js';
import { pointsOf, readVariants, type SweepPoint } from '../experiments/sweep-plan.js';
import { sweepText } from '../experiments/sweep-tables.js';
import { planRun } from '../runs/plan-run.js';
import { casesToLearnFrom } from '../runs/run-data.js';
import { withRun } from '../runs/run-owner.js';
import { createProgress } from '../terminal/progress.js';
import { terminalTable } from '../terminal/text-table.js';
import { earlierTrainingFields } from '../training/earlier-configuration.js';
import type { ExecutorFlags } from './add-executor-options.js';
import type { RequestFlags } from './add-request-options.js';
import { convertWithNotice } from './configuration-file.js';
import { openExecutor } from './executor-options.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';
import { stoppable } from './stoppable.js';
import { requestFor, sayWhatIsLeftOut } from './training-request.js';
import { warn } from './warn.js';

interface SweepOptions extends RequestFlags, ExecutorFlags {
  readonly vary: Grid;
  readonly variants?: string;
  readonly folds?: number;
  readonly dryRun?: boolean;
  readonly device: string;
  readonly threads?: number;
}

const sweepKind = {
  command: 'utad sweep',
  began: 'the sweep that this folder began with',
  other: 'other settings',
};

/** `utad sweep`. */
export async function sweep(folder: string, options: SweepOptions): Promise<void> {
  const out = resolve(options.out);
  const runs = await planned(folder, { ...options, out });
  if (options.dryRun) {
    for (const { point, record } of runs)
      console.log(
        `${point.name}: ${JSON.stringify(point.overrides)}, ${record.trainingCases.length} patients`,
      );
    console.log(`${runs.length} runs below ${out}; nothing was written`);
    return;
  }
  await stoppable('stopping after the iterations at hand', (signal) =>
    // Tasks of a cluster own their runs one by one, and several may follow them.
    options.slurm === undefined
      ? withRun(out, () => sweepOver(runs, { ...options, out }, signal))
      : sweepOver(runs, { ...options, out }, signal),
  );
}

/** Everything is planned before anything begins: a mistyped field is refused here. */
async function planned(folder: string, options: SweepOptions): Promise<readonly SweepRun[]> {
  const points = pointsOf({
    grid: options.vary,
    variants: options.variants === undefined ? null : await variantsOf(options.variants),
    folds: options.folds ?? null,
  });
  const found = await findCases(folder, dataSetOptions(options));
  sayWhatIsLeftOut(found);
  return planAll(points, found, options);
}

async function sweepOver(
  runs: readonly SweepRun[],
  options: SweepOptions,
  signal: AbortSignal,
): Promise<void> {
  const { out } = options;
  throwIfAborted(signal, 'utad sweep');
  await makeFolder(out);
  const executor = await openExecutor({
    flags: options,
    out,
    workers: () => sweepWorkers(runs),
    jobsPerTask: 1,
  });
  console.error(`${runs.length} runs below ${out}`);
  const experiment = await openExperiment(out, null, sweepKind, { signal, onNotice: warn });
  const place = { device: options.device, threads: options.threads ?? executor.threads };
  const execution = { executor, signal, startProgress: createProgress };
  const { rows, groups, notices } = await runSweep(experiment, runs, place, execution);
  for (const notice of notices) warn(notice);
  console.log(sweepText(rows, groups, terminalTable));
  console.log(`\nWritten: ${join(options.out, 'sweep.json')}, sweep.csv`);
  if (rows.some(({ status }) => status === 'stopped')) {
    const todo = 'run it again to continue each run from its last checkpoint';
    stop({ where: 'utad sweep', todo }, { cause: signal.reason });
  }
  await executor.finalise();
  if (rows.some(({ status }) => status === 'failed')) process.exitCode = 1;
}

/** The variants in a file; fields of version 0.1.0 are converted, with a notice. */
async function variantsOf(path: string): Promise<Awaited<ReturnType<typeof readVariants>>> {
  const variants = Object.entries(await readVariants(path));
  return Object.fromEntries(
    variants.map(([name, fields]) => [
      name,
      convertWithNotice(fields, earlierTrainingFields, `${path}: ${name}`),
    ]),
  );
}

/** The record of every run, as it will be written. @throws UtadError for the first that cannot be. */
async function planAll(
  points: readonly SweepPoint[],
  found: DataSet,
  options: SweepOptions,
): Promise<readonly SweepRun[]> {
  const labelled = await resolveLabelsShown(found);
  const folds = options.folds === undefined ? null : splitsOf(labelled, options.folds, options);
  const runs: SweepRun[] = [];
  for (const point of points) {
    const { name, overrides, fold } = point;
    const request = await requestFor(found, labelled, options, overrides);
    const { created: _, ...record } = await planRun({
      ...request,
      run: join(options.out, name),
      ...(folds === null || fold === undefined ? {} : { split: folds[fold - 1]! }),
    });
    runs.push({ point, record });
  }
  return runs;
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
