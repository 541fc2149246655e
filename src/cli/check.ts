import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail, refuse } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { writeJson } from '../base/json.node.js';
import { wholeNumber } from '../base/whole-number.js';
import { type DataSetFlags, dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { findSplitFile, readSplitFile } from '../datasets/split-file.node.js';
import type { CheckedDirection } from '../evaluate/check-patient.js';
import type { CheckPatientRun } from '../evaluate/check-patient-job.js';
import { type CheckReport, checkReport } from '../evaluate/check-report.js';
import { checkColumns } from '../evaluate/check-tables.js';
import { chooseCases } from '../evaluate/choose-cases.js';
import { defaultWorkers } from '../jobs/default-workers.js';
import { failuresOf, runPatientJobs } from '../jobs/patient-jobs.js';
import { meanOf } from '../metrics/bootstrap.js';
import { csvText } from '../report/csv.js';
import { readSegmenterMetadata } from '../segmentation/segmenter.node.js';
import type { SegmenterMetadata } from '../segmentation/segmenter-metadata.js';
import { requireKnownModalities } from '../survival/find-tumour.js';
import { describeChange } from '../survival/tumour-change.js';
import { noticeColours } from '../terminal/colours.js';
import { createProgress } from '../terminal/progress.js';
import { textTable } from '../terminal/text-table.js';
import { readModelFileMetadata } from '../translate/model-file-metadata.node.js';
import type { ExecutorFlags } from './add-executor-options.js';
import { sayNotes } from './data-set-notes.js';
import { openExecutor } from './executor-options.js';
import { withModel } from './model-choice.js';
import { resolveLabelsShown } from './resolve-labels-shown.js';
import { stoppable } from './stoppable.js';

interface CheckCommandOptions extends DataSetFlags, ExecutorFlags {
  readonly model: string;
  readonly segmenter: string;
  readonly out: string;
  readonly split?: string;
  readonly patients?: 'all' | 'validation';
  readonly device: string;
  readonly threads?: string;
}

async function check(folder: string, options: CheckCommandOptions): Promise<void> {
  const own = options.threads === undefined ? undefined : wholeNumber('--threads', options.threads, 1, 256);
  const found = await findCases(folder, dataSetOptions(options));
  sayNotes(found);
  const { cases } = await resolveLabelsShown(found);
  const metadata = await readModelFileMetadata(options.model);
  const segmenter = readSegmenterMetadata(await readFileBytes(options.segmenter), options.segmenter);
  const { modalities } = metadata.model;
  requireKnownModalities(segmenter, modalities, options.segmenter);
  const given = options.split === undefined ? undefined : await readSplitFile(options.split);
  const split = given ?? (await findSplitFile(folder));
  const chosen = chooseCases(cases, {
    trained: metadata.training,
    splitIsGiven: given !== undefined,
    ...(options.patients === undefined ? {} : { wanted: options.patients }),
    ...(split
      ? { split: { validation: split.validation, from: options.split ?? join(folder, 'split.json') } }
      : {}),
  });
  const early = warningsOf(chosen.trainedOn, chosen.cases, segmenter);
  console.error(`Checking ${chosen.reason}: ${chosen.cases.map(({ id }) => id).join(', ')}`);
  for (const warning of early) warn(warning);
  const usable = chosen.cases.filter(
    (one) => modalities.filter((name) => one.modalities[name] !== undefined).length > 1,
  );
  if (usable.length === 0)
    fail('bad-value', {
      where: folder,
      expected: `patients with two of ${modalities.join(', ')}`,
      got: 'none',
    });
  const [model, finder] = [resolve(options.model), resolve(options.segmenter)];
  const bytes = (await stat(model)).size + (await stat(finder)).size;
  const executor = await openExecutor({
    flags: options,
    out: options.out,
    workers: () => defaultWorkers(bytes, usable.length),
  });
  const settings = {
    model,
    segmenter: finder,
    device: options.device,
    threads: own ?? executor.threads,
  };
  const outcomes = await stoppable('stopping', (signal) =>
    runPatientJobs<CheckPatientRun, readonly CheckedDirection[]>(
      { executor, signal, startProgress: createProgress },
      {
        label: 'checking',
        cases: usable,
        models: [model, finder],
        runOf: (files): CheckPatientRun => ({ kind: 'check-patient', files, settings }),
        command: 'utad check',
      },
    ),
  );
  const failed = failuresOf(outcomes);
  const rows = outcomes.flatMap((one) => (one.status === 'done' ? one.result : []));
  if (rows.length === 0) {
    refuse('bad-value', {
      where: 'utad check',
      problem: `no patient could be checked. ${failed[0]?.message}`,
    });
  }
  const late = failed.map(({ message }) => `Not checked: ${message}`);
  for (const warning of late) warn(warning);
  const report = checkReport(modalities, rows);
  const about = {
    model: options.model,
    segmenter: options.segmenter,
    patientsChosen: chosen.reason,
    failed,
    warnings: [...early, ...late],
  };
  await writeJson(join(options.out, 'check.json'), { ...about, ...report });
  await writeFileAtomic(join(options.out, 'check.csv'), csvOf(rows));
  await executor.finalise();
  console.log(table(report));
  for (const row of rows) {
    if (!row.seen || row.change.flags.length === 0) continue;
    console.log(`${row.patient}, ${row.target} from ${row.source}: ${describeChange(row.change)}`);
  }
  console.log(`\nWritten: ${join(options.out, 'check.json')}, check.csv`);
  if (failed.length > 0) process.exitCode = 1;
}

function warn(text: string): void {
  console.error(noticeColours.yellow(`Warning: ${text}`));
}

function warningsOf(
  trainedOn: readonly { readonly id: string }[],
  cases: readonly { readonly id: string }[],
  { training }: SegmenterMetadata,
): string[] {
  const { trainingCases, modalityDropout } = training;
  const segmented = cases.filter(({ id }) => trainingCases.includes(id));
  return [
    ...(trainedOn.length > 0
      ? [
          `The translator has learnt from ${trainedOn.map(({ id }) => id).join(', ')}: their figures flatter it.`,
        ]
      : []),
    ...(segmented.length > 0
      ? [`The segmenter has learnt from ${segmented.map(({ id }) => id).join(', ')}: it knows their tumours.`]
      : []),
    ...(modalityDropout === 0
      ? [
          'The segmenter always had all modalities in training, and is given one alone here: train it with modalityDropout.',
        ]
      : []),
  ];
}

function csvOf(rows: readonly CheckedDirection[]): string {
  const columns = Object.entries(checkColumns);
  return csvText(
    columns.map(([name]) => name),
    rows.map((row) => columns.map(([, value]) => value(row))),
  );
}

function table({ directions }: CheckReport): string {
  const figure = (value: number | undefined): string =>
    value === undefined || Number.isNaN(value) ? '–' : value.toFixed(2);
  const rows = directions.map((one) => [
    `${one.source} → ${one.target}`,
    `${one.seen}/${one.patients}`,
    figure(one.seenDice),
    `${one.flagged}`,
    `${one.flaggedBetweenScans}`,
    `${one.flags.vanished}`,
    `${one.flags.shrank}`,
    `${one.flags.grew}`,
    `${one.flags.moved}`,
    figure(one.dice),
    figure(one.contrastBefore),
    figure(one.contrastAfter),
    figure(one.cycleRank.mean),
    figure(one.spreadRank?.mean),
  ]);
  const sum = (value: (one: CheckReport['directions'][number]) => number): string =>
    String(directions.reduce((total, one) => total + value(one), 0));
  const mean = (value: (one: CheckReport['directions'][number]) => number | undefined): string => {
    const known = directions.map(value).filter((one) => one !== undefined && !Number.isNaN(one)) as number[];
    return known.length === 0 ? '–' : meanOf(known).toFixed(2);
  };
  rows.push([
    'all',
    `${sum(({ seen }) => seen)}/${sum(({ patients }) => patients)}`,
    mean(({ seenDice }) => seenDice),
    sum(({ flagged }) => flagged),
    sum(({ flaggedBetweenScans }) => flaggedBetweenScans),
    sum(({ flags }) => flags.vanished),
    sum(({ flags }) => flags.shrank),
    sum(({ flags }) => flags.grew),
    sum(({ flags }) => flags.moved),
    mean(({ dice }) => dice),
    mean(({ contrastBefore }) => contrastBefore),
    mean(({ contrastAfter }) => contrastAfter),
    mean(({ cycleRank }) => cycleRank.mean),
    mean(({ spreadRank }) => spreadRank?.mean),
  ]);
  const head = [
    'direction',
    'seen',
    'Dice seen',
    'flagged',
    'scans',
    'vanished',
    'shrank',
    'grew',
    'moved',
    'Dice',
    'contrast',
    'after',
    'cycle ρ',
    'spread ρ',
  ];
  return textTable(head, rows);
}

export async function checkModel(
  folder: string,
  options: Omit<CheckCommandOptions, 'model'> & { model?: string },
): Promise<void> {
  return check(folder, await withModel(options));
}
