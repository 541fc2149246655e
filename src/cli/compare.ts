import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { wholeNumber } from '../base/whole-number.js';
import { dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { openDevice } from '../engine/devices.node.js';
import type { Runtime } from '../engine/runtime.js';
import { defaultSliceStep } from '../evaluate/evaluate-directions.js';
import { methodNames } from '../experiments/compare-methods.js';
import { type CompareOptions, comparePaths, planComparison } from '../experiments/compare-plan.js';
import type { FinishedMethod } from '../experiments/compare-result.js';
import { compareSeed } from '../experiments/compare-seed.js';
import { trainingsOf } from '../experiments/compare-trainings.js';
import { writeComparison } from '../experiments/compare-write.js';
import { requireSameSettings } from '../experiments/same-settings.js';
import { schedules } from '../methods/schedules.js';
import { presets } from '../training/presets.js';
import { addDataSetOptions } from './add-data-set-options.js';
import { collectField } from './collect-field.js';
import { sayNotes } from './data-set-notes.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';
import { stoppable } from './stoppable.js';

/** Adds `utad compare <data set>`: other networks and parts of ours left out, trained and judged alike. */
export function addCompareCommand(program: Command): void {
  const command = program
    .command('compare')
    .description(
      'trains other networks, and ours with parts left out, under one budget, and judges them alike',
    )
    .argument('<data set>', 'folder of patients with masks');
  addDataSetOptions(command)
    .requiredOption('--out <folder>', 'folder of the comparison; call again to go on where it stopped')
    .option('--methods <names>', `rows, with commas between: ${methodNames.join(', ')}; all when left out`)
    .option('--pair <a:b>', 'the pair that CycleGAN learns; the first two modalities when left out')
    .option('--iterations <n>', 'batches that each row is trained with, its teacher included', '600')
    .option('--seeds <list>', 'repeats everything with each of these seeds, e.g. 1,2,3', '1')
    .option('--preset <name>', Object.keys(presets).join(', '), 'tiny')
    .option(
      '--set <field=value>',
      'overrides one field of the preset for all rows; may be repeated',
      collectField,
      {},
    )
    .option('--ours <field=value>', 'overrides one field of the row ours; may be repeated', collectField, {})
    .addOption(
      new Option(
        '--schedule <name>',
        'rates, update frequency and averaging: common to all rows, or as published',
      )
        .choices(schedules)
        .default('common'),
    )
    .option('--split <file>', 'JSON with train and validation lists of case ids; the latter are judged')
    .option('--every <n>', 'judge every n-th slice of those with enough brain', String(defaultSliceStep))
    .option('--device <name>', 'cpu, auto, or another device of this machine', 'cpu')
    .option('--threads <n>', 'threads on the CPU; all cores when left out')
    .action(async (folder: string, options: CompareOptions) => {
      const threads =
        options.threads === undefined ? undefined : wholeNumber('--threads', options.threads, 1, 256);
      const runtime = await openDevice(options.device, threads);
      await stoppable('stopping; call again to go on', (signal) => compare(folder, options, runtime, signal));
    });
}

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
