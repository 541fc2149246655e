import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { fail } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.node.js';
import { comparisonPage } from '../compare/comparison-page.js';
import { comparisonRows } from '../compare/comparison-report.js';
import { methodNames } from '../compare/methods.js';
import { oursByDefault, schedules, type Training, trainingsOf } from '../compare/trainings.js';
import { assignModalities } from '../datasets/assignment.js';
import { findCases } from '../datasets/find-cases.node.js';
import { prepareSliceStore } from '../datasets/slice-store.node.js';
import { openDevice } from '../engine/devices.node.js';
import type { Runtime } from '../engine/runtime.js';
import { defaultRingWidthMm, defaultSliceStep } from '../evaluate/evaluate-directions.js';
import { definitionsFor } from '../evaluate/evaluation-report.js';
import { presets } from '../training/configuration.js';
import { judge } from './compare-judge.js';
import { comparisonPictures } from './compare-pictures.js';
import { type CompareOptions, type ComparisonPlan, comparePaths, planComparison } from './compare-plan.js';
import { type FinishedMethod, readFinished, writeFinished } from './compare-result.js';
import { comparisonTable } from './compare-table.js';
import { secondsOf, train } from './compare-train.js';
import { collectField } from './configuration-overrides.js';
import { sayNotes } from './data-set-notes.js';
import { addDataSetOptions, dataSetOptions } from './data-set-options.js';
import { wholeNumber } from './options.js';
import { progressOf } from './progress.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';
import { requireSameSettings } from './same-settings.js';
import { stoppable } from './stoppable.js';
import { quantilesOf, recipeOf, requireSameData } from './training-run.js';
import { packageVersion } from './version.js';

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
  const { modalities, batchSize, iterations } = settings.base;
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

  const pairNames = [modalities[pair.first]!, modalities[pair.second]!] as const;
  const figures = comparisonRows(
    finished.map(({ result }) => result),
    pairNames,
  );
  const about = {
    'data set': dataSet.folder,
    'learnt from': `${learning.length} patients, ${settings.base.paired ? 'all their modalities' : 'one modality each'}`,
    judged: `${test.length} patients: ${test.map(({ id }) => id).join(', ')}; the last state of each network, none is chosen by them`,
    budget: `${iterations} batches of ${batchSize} slices of ${settings.base.sliceSide}×${settings.base.sliceSide} a row, teacher included`,
    schedule:
      settings.schedule === 'common'
        ? 'rates, update frequency, averaging and variations of slices are the same for all rows'
        : 'rates, update frequency and averaging of each publication',
    ours: JSON.stringify({ ...oursByDefault, ...settings.ours }),
    seeds: seeds.join(', '),
    device: runtime.device,
    code: `utad-net ${packageVersion()}`,
  };
  const lead =
    `${methods.length} networks, ${iterations} batches of ${batchSize} slices each, ` +
    `${test.length} judged patients, ${seeds.length === 1 ? 'one seed' : `${seeds.length} seeds`}.`;
  const warnings = [
    ...(test.length < 10
      ? [`With ${test.length} patients the intervals are wide, and still too narrow.`]
      : []),
    ...(seeds.length === 1
      ? ['One seed: another start of the same networks would give other figures; intervals do not show it.']
      : []),
  ];
  const report = {
    format: 1,
    about,
    warnings,
    pair: pairNames,
    definitions: definitionsFor(plan.every, defaultRingWidthMm),
    rows: figures,
    results: finished.map(({ result }) => result),
  };
  const text = comparisonTable(figures, pairNames);
  const pictures = comparisonPictures(finished);
  await writeFileAtomic(comparePaths.report(options.out), `${JSON.stringify(report, null, 2)}\n`);
  await writeFileAtomic(comparePaths.table(options.out), `${text}\n`);
  await writeFileAtomic(
    comparePaths.page(options.out),
    comparisonPage({ rows: figures, pair: pairNames, lead, warnings, settings: about, pictures }),
  );
  console.log(text);
  console.log(`\nWritten: ${comparePaths.page(options.out)}, report.json, report.txt`);
}

interface Row {
  readonly method: (typeof methodNames)[number];
  readonly trainings: readonly Training[];
}

/** Trains and judges all rows of a seed; what is finished is kept. */
async function compareSeed(
  rows: readonly Row[],
  seed: number,
  { settings, pair, every, train: learning, test }: ComparisonPlan,
  out: string,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<FinishedMethod[]> {
  const { modalities, minimumBrainFraction, paired } = settings.base;
  const recipe = recipeOf(settings.base);
  const judging = { every, pair: [modalities[pair.first]!, modalities[pair.second]!] as const };
  const resultPath = ({ trainings }: Row): string => comparePaths.result(out, seed, trainings.at(-1)!.name);
  const kept = new Map<Row, FinishedMethod>();
  for (const row of rows) {
    const done = await readFinished(resultPath(row), judging);
    if (done !== null) kept.set(row, done);
  }
  if (kept.size === rows.length) return rows.map((row) => kept.get(row)!);

  const assignment = assignModalities(learning, modalities, { paired, seed });
  const store = await prepareSliceStore(comparePaths.cache(out, seed), assignment, recipe, {
    modalities,
    minimumBrainFraction,
    onProgress: progressOf('prepare'),
  });
  try {
    await requireSameData(comparePaths.runs(out, seed), store.fingerprint);
    const place = {
      folderOf: ({ name }: Training) => comparePaths.run(out, seed, name),
      store,
      runtime,
      signal,
    };
    const quantiles = quantilesOf(store, modalities);
    const requireGoing = (): void => {
      if (!signal.aborted) return;
      const todo = 'Call it again to go on.';
      fail('interrupted', { where: 'utad compare', expected: 'to finish', got: 'a signal to stop', todo });
    };
    const all: FinishedMethod[] = [];
    for (const row of rows) {
      const done = kept.get(row);
      if (done !== undefined) {
        all.push(done);
        continue;
      }
      const { method, trainings } = row;
      let [iterations, seconds] = [0, 0];
      let generator = {};
      for (const training of trainings) {
        requireGoing();
        generator = await train(training, place);
        iterations += training.configuration.iterations!;
        seconds += await secondsOf(training, place);
      }
      const task = { test, recipe, modalities, quantiles, every, pair, runtime, requireGoing };
      const { patients, pictures, parameters } = await judge(method, trainings.at(-1)!, generator, task);
      const finished = { result: { method, seed, iterations, seconds, parameters, patients }, pictures };
      await writeFinished(resultPath(row), finished, judging);
      all.push(finished);
    }
    return all;
  } finally {
    store.close();
  }
}
