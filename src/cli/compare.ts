import { resolve } from 'node:path';
import { wholeNumber } from '../base/whole-number.js';
import { dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { openDevice } from '../engine/devices/devices.node.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { type CompareOptions, comparePaths, planComparison } from '../experiments/compare-plan.js';
import type { FinishedMethod } from '../experiments/compare-result.js';
import { compareSeed } from '../experiments/compare-seed.js';
import { trainingsOf } from '../experiments/compare-trainings.js';
import { writeComparison } from '../experiments/compare-write.js';
import { requireSameSettings } from '../experiments/same-settings.js';
import { sayNotes } from './data-set-notes.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';
import { stoppable } from './stoppable.js';

async function compare(
  folder: string,
  options: CompareOptions,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<void> {
  const found = await findCases(folder, dataSetOptions(options));
  sayNotes(found);
  const dataSet = await resolveLabelsShown(found);
  const plan = await planComparison(dataSet, options);
  const { settings, seeds, methods, pair, train: learning, test } = plan;
  // Before anything is written: every row can be made of these settings.
  const rows = seeds.flatMap((seed) =>
    methods.map((method) => ({ method, seed, trainings: trainingsOf(method, settings, pair, seed) })),
  );
  await requireSameSettings(
    options.out,
    {
      dataSet: resolve(dataSet.folder),
      ...settings,
      train: learning.map(({ id }) => id),
      test: test.map(({ id }) => id),
    },
    'the comparison that this folder began with',
    'other patients or settings',
  );
  console.error(
    `${learning.length} patients to learn from, ${test.length} to judge: ${test.map(({ id }) => id).join(', ')}`,
  );
  const finished: FinishedMethod[] = [];
  for (const seed of seeds) {
    const own = rows.filter((one) => one.seed === seed);
    finished.push(...(await compareSeed(own, seed, plan, options.out, runtime, signal)));
  }

  const text = await writeComparison(options.out, plan, dataSet.folder, finished);
  console.log(text);
  console.log(`\nWritten: ${comparePaths.page(options.out)}, report.json, report.txt`);
}

export async function compareMethods(folder: string, options: CompareOptions): Promise<void> {
  const threads =
    options.threads === undefined ? undefined : wholeNumber('--threads', options.threads, 1, 256);
  const runtime = await openDevice(options.device, threads);
  await stoppable('stopping; call again to go on', (signal) => compare(folder, options, runtime, signal));
}
