import { join, resolve } from 'node:path';
import { wholeNumber } from '../base/whole-number.js';
import { dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { openDevice } from '../engine/devices/devices.node.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { type CompareOptions, planComparison } from '../experiments/compare-plan.js';
import type { FinishedMethod } from '../experiments/compare-result.js';
import { compareSeed } from '../experiments/compare-seed.js';
import { trainingsOf } from '../experiments/compare-trainings.js';
import { writeComparison } from '../experiments/compare-write.js';
import { openExperiment } from '../experiments/experiment-folder.js';
import { withRun } from '../runs/run-owner.js';
import { assignModalities } from '../slices/assignment.js';
import { createProgress } from '../terminal/progress.js';
import { terminalTable } from '../terminal/text-table.js';
import { sayNotes } from './data-set-notes.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';
import { stoppable } from './stoppable.js';
import { warn } from './warn.js';

const comparisonKind = {
  command: 'utad compare',
  began: 'the comparison that this folder began with',
  other: 'other patients or settings',
};

/** What is asked for, with every row that it needs: all that can be refused is refused here. */
async function planRows(folder: string, options: CompareOptions) {
  const found = await findCases(folder, dataSetOptions(options));
  sayNotes(found);
  const dataSet = await resolveLabelsShown(found);
  const plan = await planComparison(dataSet, options);
  const { settings, seeds, methods, pair } = plan;
  const rows = seeds.flatMap((seed) =>
    methods.map((method) => ({ method, seed, trainings: trainingsOf(method, settings, pair, seed) })),
  );
  for (const { method } of rows.flatMap(({ trainings }) => trainings)) await method(null);
  const { paired } = settings.base.data;
  for (const seed of seeds) assignModalities(plan.train, settings.base.model.modalities, { paired, seed });
  return { dataSet, plan, rows };
}

async function compare(
  { dataSet, plan, rows }: Awaited<ReturnType<typeof planRows>>,
  options: CompareOptions,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<void> {
  const { settings, seeds, train: learning, test } = plan;
  const experiment = await openExperiment(
    options.out,
    {
      dataSet: resolve(dataSet.folder),
      ...dataSetOptions(options),
      ...settings,
      train: learning.map(({ id }) => id),
      test: test.map(({ id }) => id),
    },
    comparisonKind,
    { signal, onNotice: warn },
  );
  console.error(
    `${learning.length} patients to learn from, ${test.length} to test on: ${test.map(({ id }) => id).join(', ')}`,
  );
  const finished: FinishedMethod[] = [];
  for (const seed of seeds) {
    const own = rows.filter((one) => one.seed === seed);
    finished.push(...(await compareSeed(own, seed, plan, experiment, runtime, createProgress)));
  }

  const tables = await writeComparison(experiment, plan, dataSet.folder, finished);
  console.log(tables.map(terminalTable).join('\n\n'));
  console.log(`\nWritten: ${join(options.out, 'report.html')}, report.json, report.txt`);
}

/** `utad compare`. */
export async function compareMethods(folder: string, options: CompareOptions): Promise<void> {
  const threads =
    options.threads === undefined ? undefined : wholeNumber('--threads', options.threads, 1, 256);
  const runtime = await openDevice(options.device, threads);
  const planned = await planRows(folder, options);
  if (options.dryRun) {
    const { plan, rows } = planned;
    for (const { method, seed, trainings } of rows)
      console.log(`${method}, seed ${seed}: ${trainings.map(({ name }) => name).join(', ')}`);
    const [learning, test] = [plan.train, plan.test].map((cases) => cases.map(({ id }) => id).join(', '));
    console.log(`learns from ${learning}; tests on ${test}; nothing was written`);
    return;
  }
  await stoppable('stopping; call again to go on', (signal) =>
    withRun(options.out, () => compare(planned, options, runtime, signal)),
  );
}
