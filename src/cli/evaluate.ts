import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { refuse } from '../base/errors.js';
import { requireOwnFolder } from '../base/protected-inputs.node.js';
import { shellWord } from '../base/shell-word.js';
import { removeLeftovers } from '../base/temporary.node.js';
import { wholeNumber } from '../base/whole-number.js';
import { modelHash } from '../cohort/open-model.js';
import { fusionBeside, readFusionFile } from '../cohort/plan/fusion-choice.js';
import { chooseCasesOf } from '../datasets/choose-cases.node.js';
import { type DataSetFlags, dataSetOptions } from '../datasets/data-set-options.js';
import { findCases } from '../datasets/find-cases.node.js';
import { resolveLabels } from '../datasets/resolve-labels.node.js';
import type { GridName } from '../evaluate/compared-patient.js';
import { type EvaluateSettings, openExtractor } from '../evaluate/evaluate-patient-job.js';
import { trainingWarnings } from '../evaluate/evaluate-warnings.js';
import { defaultRingWidthMm, defaultSliceStep } from '../evaluate/evaluation-defaults.js';
import { shortFusedTable } from '../evaluate/evaluation-tables.js';
import type { ProtocolName } from '../evaluate/protocol.js';
import { regressionPatients } from '../evaluate/regression-patients.js';
import { requireFittingSegmenter } from '../evaluate/require-fitting-segmenter.js';
import { type EvaluationRequest, requireEvaluable, runEvaluation } from '../evaluate/run-evaluation.js';
import { shortTable, worthTable } from '../evaluate/worth-tables.js';
import { type Evaluated, evaluatedPage, writeEvaluation } from '../evaluate/write-evaluation.js';
import { defaultWorkers } from '../jobs/default-workers.js';
import { createProgress } from '../terminal/progress.js';
import { terminalTable } from '../terminal/text-table.js';
import { readModelFileMetadata } from '../translate/model-file-metadata.node.js';
import { shippedModelsFolder } from '../translate/shipped-models.node.js';
import type { ExecutorFlags } from './add-executor-options.js';
import { sayNotes } from './data-set-notes.js';
import { openExecutor } from './executor-options.js';
import { sayModel, withModel } from './model-choice.js';
import { stoppable } from './stoppable.js';
import { warn } from './warn.js';

/** Options of `utad evaluate`. */
interface EvaluateCommandOptions extends DataSetFlags, ExecutorFlags {
  readonly model: string;
  readonly out: string;
  readonly every?: string;
  readonly ring?: string;
  readonly uniform?: boolean;
  /** `true` for the built-in extractor. */
  readonly features?: true | string;
  /** `true` to learn the weights from the evaluated patients, each from the others. */
  readonly fuse?: true | string;
  readonly writeFusion?: boolean;
  /** A file of `utad segment train`. */
  readonly segmenter?: string;
  /** Where translations and truth are compared; `native` when left out. */
  readonly grid?: GridName;
  /** From what each modality is translated; `each` when left out. */
  readonly sources?: ProtocolName;
  /** Whom the local regression is fitted to; see `regressionPatients`. */
  readonly fit?: string;
  /** Where the contact sheet of the median patient goes as well. */
  readonly sheet?: string;
  readonly split?: string;
  readonly patients?: 'all' | 'validation';
  readonly device: string;
  readonly threads?: string;
}

/**
 * Evaluates a model and writes report.json, report.csv, slices.csv, report.html and sheets.
 *
 * @returns what the page shows
 * @throws UtadError for the data set, the model file or the options; interrupted by a signal, with nothing written.
 */
export async function evaluate(
  folder: string,
  options: EvaluateCommandOptions,
  onStart: () => void = () => undefined,
): Promise<Evaluated> {
  const settings = settingsOf(options);
  requireLearntFusion(options);
  const metadata = await readModelFileMetadata(options.model);
  const sha256 = await modelHash(options.model);
  const given = typeof options.fuse === 'string' ? await readFusionFile(options.fuse, sha256) : undefined;
  const extractor = settings.features === null ? undefined : await describeExtractor(settings.features);
  const segmenter =
    options.segmenter === undefined
      ? undefined
      : await requireFittingSegmenter(options.segmenter, metadata, settings.grid);
  const dataSet = await findCases(folder, dataSetOptions(options));
  sayNotes(dataSet);
  await requireOwnFolder(options.out);
  await removeLeftovers(options.out);
  const { cases } = await resolveLabels(dataSet);
  const chosen = await chooseCasesOf(folder, cases, metadata.training, options);
  const regression = await regressionPatients({
    fit: options.fit,
    split: options.split,
    folder,
    cases,
    evaluated: chosen.cases,
    trainingCases: metadata.training?.trainingCases ?? [],
    options: dataSetOptions(options),
  });
  const request: EvaluationRequest = {
    model: { file: options.model, metadata, sha256 },
    chosen,
    settings: { ...settings, fusionTables: given?.tables ?? [] },
    regression,
    ...(extractor ? { extractor } : {}),
    ...(segmenter ? { segmenter } : {}),
    ...(options.fuse === undefined ? {} : { fuse: { given } }),
    out: options.out,
  };
  requireEvaluable(request);
  onStart();
  const early = trainingWarnings(chosen, metadata);
  console.error(`Evaluating ${chosen.reason}: ${chosen.cases.map(({ id }) => id).join(', ')}`);
  for (const warning of early) warn(warning);

  const executor = await openExecutor({
    flags: options,
    out: options.out,
    workers: async () => defaultWorkers((await stat(options.model)).size, chosen.cases.length),
  });
  const patients = await stoppable('stopping', (signal) =>
    runEvaluation(request, { executor, signal, startProgress: createProgress }),
  );
  const found = evaluatedPage(request, patients, early);
  for (const warning of found.warnings.slice(early.length)) warn(warning);
  await writeEvaluation(request, found, {
    ...(options.writeFusion ? { fusion: fusionBeside(options.model) } : {}),
    ...(options.sheet === undefined ? {} : { sheet: options.sheet }),
  });
  await executor.finalise();
  const { report, fusion } = found;
  console.log(terminalTable(worthTable(report)));
  console.log(`\n${terminalTable(shortTable(report))}`);
  if (report.fused) console.log(`\n${terminalTable(shortFusedTable(report.fused))}`);
  console.log(
    `\nWritten: ${join(options.out, 'report.html')}, report.json, report.csv, slices.csv, ${fusion ? 'fusion.json, ' : ''}sheets/${options.sheet === undefined ? '' : `, ${options.sheet}`}`,
  );
  return found;
}

/** Weights that are written have to be learnt here. */
function requireLearntFusion({ fuse, writeFusion, model, out }: EvaluateCommandOptions): void {
  if (!writeFusion) return;
  if (dirname(resolve(model)) === resolve(shippedModelsFolder))
    refuse('bad-argument', {
      where: '--write-fusion',
      problem: `${model} belongs to the installed package, which is not written to`,
      todo: `Leave it out, and give its weights to utad translate: --fuse ${shellWord(join(out, 'fusion.json'))}.`,
    });
  if (fuse === true) return;
  refuse('bad-argument', {
    where: '--write-fusion',
    problem: 'there are no newly learnt weights to write',
    todo: 'Add --fuse without a file.',
  });
}

function settingsOf(
  options: EvaluateCommandOptions,
): Omit<EvaluateSettings, 'featureSlices' | 'regression' | 'fusionTables'> {
  const { every, ring, uniform, features, threads, device, model } = options;
  const { grid = 'native', sources: protocol = 'each' } = options;
  return {
    model: resolve(model),
    device,
    grid,
    protocol,
    threads: threads === undefined ? null : wholeNumber('--threads', threads, 1, 256),
    every: every === undefined ? defaultSliceStep : wholeNumber('--every', every, 1, 1000),
    ringWidthMm: ring === undefined ? defaultRingWidthMm : wholeNumber('--ring', ring, 1, 100),
    extraMeasures: uniform ? ['ssimUniform'] : [],
    features: features === undefined ? null : features === true ? 'built-in' : resolve(features),
    learnFusion: options.fuse !== undefined && protocol === 'each',
    segmenter: options.segmenter === undefined ? null : resolve(options.segmenter),
  };
}

/** Opens the extractor before any patient is evaluated: a wrong file is refused at once. */
async function describeExtractor(features: string) {
  const { extractor, close } = await openExtractor(features, { threads: 1 });
  await close();
  return extractor.description;
}

/** `utad evaluate`: the exit code says whether all patients were evaluated. */
export async function evaluateModel(
  folder: string,
  options: Omit<EvaluateCommandOptions, 'model'> & { model?: string },
): Promise<void> {
  const withFile = await withModel(options);
  const { failed } = await evaluate(folder, withFile, () => sayModel(options.model, withFile.model));
  if (failed.length > 0) process.exitCode = 1;
}
