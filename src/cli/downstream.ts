import { join } from 'node:path';
import { wholeNumber } from '../base/whole-number.js';
import type { CaseFiles } from '../datasets/case.js';
import { dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { openDevice } from '../engine/devices/devices.node.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import {
  type DownstreamOptions,
  downstreamKind,
  planDownstream,
} from '../experiments/downstream-experiment.js';
import { conditionsTable } from '../experiments/downstream-tables.js';
import { openExperiment } from '../experiments/experiment-folder.js';
import { downstreamWarnings, runDownstream } from '../experiments/run-downstream.js';
import { withRun } from '../runs/run-owner.js';
import { trainingDisplay } from '../runs/training-display.js';
import { createProgress } from '../terminal/progress.js';
import { terminalTable } from '../terminal/text-table.js';
import { readModelFileMetadata } from '../translate/model-file-metadata.node.js';
import { sayNotes } from './data-set-notes.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';
import { stoppable } from './stoppable.js';
import { warn } from './warn.js';

/** What is asked for: all that can be refused is refused here. */
async function planned(folder: string, options: DownstreamOptions) {
  const found = await findCases(folder, dataSetOptions(options));
  sayNotes(found);
  const dataSet = await resolveLabelsShown(found);
  const metadata = await readModelFileMetadata(options.model);
  return { dataSet, metadata, ...(await planDownstream(dataSet, metadata, options)) };
}

async function downstream(
  { dataSet, metadata, settings, cases }: Awaited<ReturnType<typeof planned>>,
  options: DownstreamOptions,
  runtime: Runtime,
  threads: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const experiment = await openExperiment(
    options.out,
    { ...settings, ...dataSetOptions(options) },
    downstreamKind,
    {
      signal,
      onNotice: warn,
    },
  );
  const of = (ids: readonly string[]): CaseFiles[] => ids.map((id) => cases.get(id)!);
  const [train, test] = [of(settings.train), of(settings.test)];
  console.error(
    `${train.length} patients to learn from, ${test.length} to test on: ${test.map(({ id }) => id).join(', ')}`,
  );
  for (const warning of downstreamWarnings(metadata, test)) warn(warning);

  const report = await runDownstream(experiment, {
    settings,
    dataSet,
    dataSetFlags: options,
    metadata,
    train,
    test,
    runtime,
    device: options.device,
    threads,
    startProgress: createProgress,
    observerOf: (label) => trainingDisplay({ label }),
  });
  console.log(terminalTable(conditionsTable(report)));
  console.log(`\nWritten: ${join(options.out, 'report.json')}, report.csv`);
}

/** `utad downstream`. */
export async function downstreamExperiment(folder: string, options: DownstreamOptions): Promise<void> {
  const threads =
    options.threads === undefined ? undefined : wholeNumber('--threads', options.threads, 1, 256);
  const runtime = await openDevice(options.device, threads);
  const plan = await planned(folder, options);
  if (options.dryRun) {
    const { sources, train, test } = plan.settings;
    for (const [target, source] of Object.entries(sources))
      console.log(`without ${target}, filled in from ${source}`);
    console.log(`learns from ${train.join(', ')}; tests on ${test.join(', ')}; nothing was written`);
    return;
  }
  await stoppable('stopping; call again to go on', (signal) =>
    withRun(options.out, () => downstream(plan, options, runtime, threads, signal)),
  );
}
