import { basename, join } from 'node:path';
import { type Command, Option } from 'commander';
import { writeFileAtomic } from '../base/files.node.js';
import type { CaseFiles } from '../datasets/case.js';
import { findCases } from '../datasets/find-cases.node.js';
import { loadPreparedPatient, type PreparedPatient } from '../datasets/prepared-patient.node.js';
import { resolveLabels } from '../datasets/resolve-labels.node.js';
import { findSplitFile, readSplitFile } from '../datasets/split-file.node.js';
import { type ChosenCases, chooseCases } from '../evaluate/choose-cases.js';
import { evaluateDirections } from '../evaluate/evaluate-directions.js';
import { type EvaluationPage, evaluationPage } from '../evaluate/evaluation-page.js';
import type { EvaluationReport } from '../evaluate/evaluation-report.js';
import { createSheetCollector } from '../evaluate/evaluation-sheets.js';
import { reportCsv } from '../evaluate/report-csv.js';
import { encodePng } from '../report/rgb-image.js';
import type { LoadedModel } from '../translate/loaded-model.js';
import { loadModel } from '../translate/model.node.js';
import { noticeColours, outputColours } from './colours.js';
import { sayNotes } from './data-set-notes.js';
import {
  addDataSetOptions,
  addSyntheticOption,
  type DataSetFlags,
  dataSetOptions,
} from './data-set-options.js';
import { wholeNumber } from './options.js';
import { createProgress } from './progress.js';

/** What `utad evaluate` is told. */
export interface EvaluateCommandOptions extends DataSetFlags {
  readonly model: string;
  readonly out: string;
  readonly every: string;
  readonly split?: string;
  readonly patients?: 'all' | 'validation';
  readonly device: string;
  readonly threads?: string;
}

/** Adds `utad evaluate <data set>`: how near a model's translations are to the truth. */
export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate')
    .description('measures a model on patients that have several modalities, in the brain and in the tumour')
    .argument(
      '<data set>',
      'folder as of BraTS, the Decathlon, nnU-Net, BIDS or DICOM, or described by --map',
    );
  addSyntheticOption(addDataSetOptions(command))
    .requiredOption('--model <file>', 'model file, .onnx')
    .requiredOption('--out <folder>', 'folder for report.json, report.csv, report.html and sheets/')
    .option('--every <n>', 'judge every n-th slice of those with enough brain', '4')
    .option('--split <file>', 'JSON with the ids of the validation patients')
    .addOption(
      new Option(
        '--patients <which>',
        'whom to judge; validation patients where known when left out',
      ).choices(['all', 'validation']),
    )
    .option('--device <name>', 'cpu, auto, or another device of this machine', 'cpu')
    .option('--threads <number>', 'threads on the CPU; all cores when left out')
    .action(async (folder: string, options: EvaluateCommandOptions) => {
      await evaluate(folder, options);
    });
}

/**
 * Judges a model and writes report.json, report.csv, report.html and sheets.
 *
 * @returns what the page shows
 * @throws UtadError for the data set, the model file or the options.
 */
export async function evaluate(folder: string, options: EvaluateCommandOptions): Promise<EvaluationPage> {
  const every = wholeNumber('--every', options.every, 1, 1000);
  const threads =
    options.threads === undefined ? {} : { threads: wholeNumber('--threads', options.threads, 1, 256) };
  const dataSet = await findCases(folder, dataSetOptions(options));
  sayNotes(dataSet);
  const { cases } = await resolveLabels(dataSet);
  const model = await loadModel(options.model, { device: options.device, ...threads });
  try {
    const chosen = await choose(folder, cases, model, options);
    const warnings = warningsOf(chosen, model);
    console.error(`Judging ${chosen.reason}: ${chosen.cases.map(({ id }) => id).join(', ')}`);
    for (const warning of warnings) console.error(noticeColours.yellow(`Warning: ${warning}`));

    const { report, sheets } = await judge(chosen.cases, model, every);
    const lead =
      `${basename(options.model)} on ${chosen.cases.length} patients (${chosen.reason}), ` +
      `slices of ${report.sliceSide}×${report.sliceSide}, utad-net ${model.metadata.codeVersion}.`;
    await write(options.out, report, sheets, { lead, warnings, cases: chosen, model: options.model });
    console.log(summary(report));
    console.log(`\nWritten: ${join(options.out, 'report.html')}, report.json, report.csv, sheets/`);
    return { report, sheets, lead, warnings };
  } finally {
    await model.close();
  }
}

async function choose(
  folder: string,
  cases: readonly CaseFiles[],
  model: LoadedModel,
  options: EvaluateCommandOptions,
): Promise<ChosenCases<CaseFiles>> {
  const given = options.split === undefined ? undefined : await readSplitFile(options.split);
  const split = given ?? (await findSplitFile(folder));
  return chooseCases(cases, {
    trained: model.metadata.training,
    splitIsGiven: given !== undefined,
    ...(options.patients === undefined ? {} : { wanted: options.patients }),
    ...(split
      ? { split: { validation: split.validation, from: options.split ?? join(folder, 'split.json') } }
      : {}),
  });
}

function warningsOf({ trainedOn }: ChosenCases<CaseFiles>, model: LoadedModel): string[] {
  const ids = trainedOn.map(({ id }) => id).join(', ');
  return [
    ...(trainedOn.length > 0 ? [`The model has learnt from ${ids}: their figures flatter it.`] : []),
    ...(model.metadata.training === null
      ? [
          'The model file does not say what it was trained on: these patients may be among it, and no source is matched.',
        ]
      : []),
  ];
}

async function judge(cases: readonly CaseFiles[], model: LoadedModel, every: number) {
  const { modalities } = model.metadata.model;
  const collector = createSheetCollector(modalities);
  const directions = modalities.length * (modalities.length - 1);
  const progress = createProgress('evaluate', cases.length * directions);
  let begun = 0;
  let inPatient = 0;
  async function* patients(): AsyncGenerator<PreparedPatient> {
    for (const one of cases) {
      begun++;
      inPatient = 0;
      yield await loadPreparedPatient(one, model.metadata.recipe, modalities);
    }
  }
  const quantiles = model.metadata.training?.quantiles;
  const report = await evaluateDirections({
    modalities,
    patients: patients(),
    translate: (slices, source, target) => model.translateSlices(slices, source, target),
    ...(quantiles ? { trainingQuantiles: quantiles } : {}),
    sliceStep: every,
    onResult: collector.add,
    onProgress: (patient, source, target) =>
      progress.update((begun - 1) * directions + ++inPatient, `${patient} ${source} → ${target}`),
  });
  progress.end();
  return { report, sheets: collector.draw() };
}

async function write(
  folder: string,
  report: EvaluationReport,
  sheets: ReturnType<ReturnType<typeof createSheetCollector>['draw']>,
  about: {
    readonly lead: string;
    readonly warnings: readonly string[];
    readonly cases: ChosenCases<CaseFiles>;
    readonly model: string;
  },
): Promise<void> {
  const { cases, warnings, lead, model } = about;
  const json = {
    model,
    patientsChosen: cases.reason,
    trainedOn: cases.trainedOn.map(({ id }) => id),
    warnings,
    ...report,
  };
  await writeFileAtomic(join(folder, 'report.json'), `${JSON.stringify(json, null, 2)}\n`);
  await writeFileAtomic(join(folder, 'report.csv'), reportCsv(report));
  for (const { patient, directions, overview } of sheets) {
    await writeFileAtomic(join(folder, 'sheets', `${patient}-directions.png`), encodePng(directions));
    await writeFileAtomic(join(folder, 'sheets', `${patient}-overview.png`), encodePng(overview));
  }
  await writeFileAtomic(join(folder, 'report.html'), evaluationPage({ report, sheets, lead, warnings }));
}

function summary(report: EvaluationReport): string {
  const head = ['direction', 'SSIM', 'copy', 'matched', 'MAE', 'copy', 'matched', 'tumour SSIM', 'MAE'];
  const number = (value: number | undefined): string => value?.toFixed(3) ?? '–';
  const rows = [
    ...report.directions.map((one) => ({ name: `${one.source} → ${one.target}`, ...one })),
    { name: 'mean', ...report.mean },
  ].map(({ name, brain, tumour, copy, matched }) => [
    name,
    number(brain.ssim),
    number(copy.brain.ssim),
    number(matched?.brain.ssim),
    number(brain.mae),
    number(copy.brain.mae),
    number(matched?.brain.mae),
    number(tumour?.ssim),
    number(tumour?.mae),
  ]);
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return [outputColours.bold(line(head)), ...rows.map(line)].join('\n');
}
