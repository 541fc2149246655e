import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { refuse } from '../base/errors.js';
import { replaceFile, writeFileAtomic } from '../base/files.node.js';
import { jsonText, writeJson } from '../base/json.node.js';
import { wholeNumber } from '../base/whole-number.js';
import { modelHash } from '../cohort/open-model.js';
import { fusionBeside, readFusionFile } from '../cohort/plan/fusion-choice.js';
import type { CaseFiles } from '../datasets/case.js';
import { type DataSetFlags, dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { resolveLabels } from '../datasets/resolve-labels.node.js';
import { findSplitFile, readSplitFile } from '../datasets/split-file.node.js';
import { type ChosenCases, chooseCases } from '../evaluate/choose-cases.js';
import { evaluateCohort } from '../evaluate/evaluate-cohort.js';
import { fuseCohort, fusionOf, requireFusible } from '../evaluate/evaluate-fused.js';
import { type EvaluateSettings, openExtractor } from '../evaluate/evaluate-patient-job.js';
import { featureWarnings, fusionWarnings, trainingWarnings } from '../evaluate/evaluate-warnings.js';
import { defaultRingWidthMm, defaultSliceStep, featureSlicesOf } from '../evaluate/evaluation-defaults.js';
import { type EvaluationPage, evaluationPage } from '../evaluate/evaluation-page.js';
import { directionsSheet, overviewSheet } from '../evaluate/evaluation-sheets.js';
import { shortFusedTable, shortTable } from '../evaluate/evaluation-tables.js';
import type { PatientPictures } from '../evaluate/patient-pictures.js';
import { reportCsv } from '../evaluate/report-csv.js';
import { type ReportFile, reportFileSchema } from '../evaluate/report-schema.js';
import { requireFittingSegmenter } from '../evaluate/require-fitting-segmenter.js';
import { summariseEvaluation } from '../evaluate/summarise-evaluation.js';
import { packageVersion } from '../jobs/code-fingerprint.js';
import { defaultWorkers } from '../jobs/default-workers.js';
import type { FailedPatient } from '../jobs/patient-jobs.js';
import { encodePng } from '../report/rgb-image.js';
import { noticeColours } from '../terminal/colours.js';
import { createProgress } from '../terminal/progress.js';
import { terminalTable } from '../terminal/text-table.js';
import { readModelFileMetadata } from '../translate/model-file-metadata.node.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import type { ExecutorFlags } from './add-executor-options.js';
import { sayNotes } from './data-set-notes.js';
import { openExecutor } from './executor-options.js';
import { withModel } from './model-choice.js';
import { stoppable } from './stoppable.js';

/** What `utad evaluate` is told. */
export interface EvaluateCommandOptions extends DataSetFlags, ExecutorFlags {
  readonly model: string;
  readonly out: string;
  readonly every?: string;
  readonly ring?: string;
  readonly uniform?: boolean;
  /** `true` for the built-in extractor. */
  readonly features?: true | string;
  /** `true` to learn the weights from the judged patients, each from the others. */
  readonly fuse?: true | string;
  readonly writeFusion?: boolean;
  /** A file of `utad segment train`. */
  readonly segmenter?: string;
  readonly split?: string;
  readonly patients?: 'all' | 'validation';
  readonly device: string;
  readonly threads?: string;
}

/** What an evaluation found, besides what it wrote. */
export interface Evaluated extends EvaluationPage {
  readonly failed: readonly FailedPatient[];
}

/**
 * Judges a model and writes report.json, report.csv, slices.csv, report.html and sheets.
 *
 * @returns what the page shows
 * @throws UtadError for the data set, the model file or the options; interrupted by a signal, with nothing written.
 */
export async function evaluate(folder: string, options: EvaluateCommandOptions): Promise<Evaluated> {
  const settings = settingsOf(options);
  requireLearntFusion(options);
  const metadata = await readModelFileMetadata(options.model);
  const modelSha256 = await modelHash(options.model);
  const given =
    typeof options.fuse === 'string' ? await readFusionFile(options.fuse, modelSha256) : undefined;
  const extractor = settings.features === null ? undefined : await describeExtractor(settings.features);
  const segmenter =
    options.segmenter === undefined ? undefined : await requireFittingSegmenter(options.segmenter, metadata);
  const dataSet = await findCases(folder, dataSetOptions(options));
  sayNotes(dataSet);
  const { cases } = await resolveLabels(dataSet);
  const chosen = await choose(folder, cases, metadata, options);
  const early = trainingWarnings(chosen, metadata);
  console.error(`Judging ${chosen.reason}: ${chosen.cases.map(({ id }) => id).join(', ')}`);
  for (const warning of early) warn(warning);

  if (options.fuse !== undefined)
    requireFusible(chosen.cases, metadata.model.modalities, given !== undefined);
  const executor = await openExecutor({
    flags: options,
    out: options.out,
    workers: async () => defaultWorkers((await stat(options.model)).size, chosen.cases.length),
  });
  // The slices' file is put in place when all is judged: whoever stops the work finds the folder as it was.
  const { evaluated, failed, fused } = await replaceFile(join(options.out, 'slices.csv'), (file) =>
    stoppable('stopping', async (signal) => {
      const threads = settings.threads ?? executor.threads;
      const execution = { executor, signal, startProgress: createProgress };
      const all = { ...settings, threads, featureSlices: featureSlicesOf(chosen.cases.length) };
      const found = await evaluateCohort(chosen.cases, all, (lines) => file.writeFile(lines), execution);
      if (options.fuse === undefined) return { ...found, fused: undefined };
      const several = await fuseCohort(chosen.cases, found.evaluated, all, given, execution);
      return { ...found, fused: several, failed: [...found.failed, ...several.failed] };
    }),
  );
  const report = summariseEvaluation(
    evaluated,
    {
      modalities: metadata.model.modalities,
      every: settings.every,
      ringWidthMm: settings.ringWidthMm,
      ...(extractor ? { extractor: { description: extractor } } : {}),
    },
    fused?.rows,
  );
  const late = [
    ...failed.map(({ message }) => `Not judged: ${message}`),
    ...featureWarnings(report),
    ...fusionWarnings(given, chosen.cases),
  ];
  for (const warning of late) warn(warning);
  const warnings = [...early, ...late];
  const pictures = evaluated
    .filter(({ rows }) => rows.length > 0)
    .map((one) => ({ ...one.pictures, fused: fused?.pictures.get(one.pictures.patient) ?? [] }));
  const version = packageVersion();
  const lead =
    `${basename(options.model)} on ${report.patientMeans.length} patients (${chosen.reason}), ` +
    `slices of ${report.sliceSide}×${report.sliceSide}, utad-net ${version}.`;
  const file: ReportFile = {
    format: 2,
    model: options.model,
    modelSha256,
    ...(segmenter ? { segmenter } : {}),
    codeVersion: version,
    patientsChosen: chosen.reason,
    trainedOn: chosen.trainedOn.map(({ id }) => id),
    failed: [...failed],
    warnings,
    ...report,
  };
  const fusion = fused && !given ? fusionOf(evaluated, metadata.model.modalities, modelSha256) : undefined;
  if (fusion) {
    const text = jsonText(fusion, 1);
    await writeFileAtomic(join(options.out, 'fusion.json'), text);
    if (options.writeFusion) await writeFileAtomic(fusionBeside(options.model), text);
  }
  await write(options.out, file, pictures, evaluationPage({ report, pictures, lead, warnings }));
  await executor.finalise();
  console.log(terminalTable(shortTable(report)));
  if (report.fused) console.log(`\n${terminalTable(shortFusedTable(report.fused))}`);
  console.log(
    `\nWritten: ${join(options.out, 'report.html')}, report.json, report.csv, slices.csv, ${fusion ? 'fusion.json, ' : ''}sheets/`,
  );
  return { report, pictures, lead, warnings, failed };
}

/** Weights that are written have to be learnt here. */
function requireLearntFusion({ fuse, writeFusion }: EvaluateCommandOptions): void {
  if (!writeFusion || fuse === true) return;
  refuse('bad-argument', {
    where: '--write-fusion',
    problem: 'there are no newly learnt weights to write',
    todo: 'Add --fuse without a file.',
  });
}

function settingsOf(options: EvaluateCommandOptions): Omit<EvaluateSettings, 'featureSlices'> {
  const { every, ring, uniform, features, threads, device, model } = options;
  return {
    model: resolve(model),
    device,
    threads: threads === undefined ? null : wholeNumber('--threads', threads, 1, 256),
    every: every === undefined ? defaultSliceStep : wholeNumber('--every', every, 1, 1000),
    ringWidthMm: ring === undefined ? defaultRingWidthMm : wholeNumber('--ring', ring, 1, 100),
    extraMeasures: uniform ? ['ssimUniform'] : [],
    features: features === undefined ? null : features === true ? 'built-in' : resolve(features),
    learnFusion: options.fuse !== undefined,
    segmenter: options.segmenter === undefined ? null : resolve(options.segmenter),
  };
}

/** Opens the extractor before anything is judged: a wrong file is refused at once. */
async function describeExtractor(features: string) {
  const { extractor, close } = await openExtractor(features, { threads: 1 });
  await close();
  return extractor.description;
}

function warn(text: string): void {
  console.error(noticeColours.yellow(`Warning: ${text}`));
}

async function choose(
  folder: string,
  cases: readonly CaseFiles[],
  metadata: ModelMetadata,
  options: EvaluateCommandOptions,
): Promise<ChosenCases<CaseFiles>> {
  const given = options.split === undefined ? undefined : await readSplitFile(options.split);
  const split = given ?? (await findSplitFile(folder));
  return chooseCases(cases, {
    trained: metadata.training,
    splitIsGiven: given !== undefined,
    ...(options.patients === undefined ? {} : { wanted: options.patients }),
    ...(split
      ? { split: { validation: split.validation, from: options.split ?? join(folder, 'split.json') } }
      : {}),
  });
}

async function write(
  folder: string,
  report: ReportFile,
  pictures: readonly PatientPictures[],
  page: string,
): Promise<void> {
  const checked = reportFileSchema.parse(report);
  await writeJson(join(folder, 'report.json'), checked);
  await writeFileAtomic(join(folder, 'report.csv'), reportCsv(report));
  for (const one of pictures) {
    const sheet = (name: string): string => join(folder, 'sheets', `${one.patient}-${name}.png`);
    await writeFileAtomic(sheet('directions'), encodePng(directionsSheet(one)));
    await writeFileAtomic(sheet('overview'), encodePng(overviewSheet(one)));
  }
  await writeFileAtomic(join(folder, 'report.html'), page);
}

export async function evaluateModel(
  folder: string,
  options: Omit<EvaluateCommandOptions, 'model'> & { model?: string },
): Promise<void> {
  const { failed } = await evaluate(folder, await withModel(options));
  if (failed.length > 0) process.exitCode = 1;
}
