import { throwIfAborted } from '../base/abort.js';
import { keyedCache } from '../base/keyed-cache.js';
import type { CaseFiles } from '../datasets/case.js';
import { loadPreparedPatient } from '../datasets/prepared-patient.node.js';
import { createNodeRuntime } from '../engine/runtime/runtime.node.js';
import { whyImplausible } from '../imaging/plausibility.js';
import { type PreparationRecord, preparedBody } from '../imaging/record.js';
import { attempt } from '../jobs/attempt.js';
import type { JobContext, JobRunner } from '../jobs/job.js';
import { type LoadedSegmenter, loadSegmenterFile } from '../segmentation/segmenter.node.js';
import type { FusionTable } from '../translate/fusion.js';
import type { LoadedModel } from '../translate/loaded-model.js';
import { loadModel } from '../translate/model.node.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { type ComparedPatient, type GridName, onModelGrid } from './compared-patient.js';
import { evaluatePatient, type PatientEvaluation, type PatientTask } from './evaluate-patient.js';
import type { FeatureExtractor } from './feature-extractor.js';
import { type FusedPatient, fusePatient } from './fuse-patient.js';
import { gaussianDerivatives } from './gaussian-derivatives.js';
import { type MeasureName, volumeMeasures } from './measures.js';
import { loadNativePatient, translateNatively } from './native-patient.js';
import { loadOnnxExtractor } from './onnx-extractor.node.js';
import { type ProtocolName, translationsOf } from './protocol.js';
import { type OpenRegression, openRegression } from './regression-file.js';
import { translateOnModelGrid } from './translate-on-model-grid.js';
import { findNatively, findOnModelGrid, tumourSurvival } from './tumour-survival.js';

/** How patients are evaluated; plain JSON. */
export interface EvaluateSettings {
  readonly model: string;
  readonly device: string;
  /** Threads on the CPU; null for all cores. */
  readonly threads: number | null;
  readonly grid: GridName;
  readonly protocol: ProtocolName;
  readonly every: number;
  readonly ringWidthMm: number;
  /** Measures that are computed only on request. */
  readonly extraMeasures: readonly MeasureName[];
  /** A feature network's file, `built-in`, or null for no features. */
  readonly features: string | null;
  /** The most slices of a patient that features are taken of. */
  readonly featureSlices: number;
  /** Whether the errors that fusion weights are learnt from are wanted. */
  readonly learnFusion: boolean;
  /** How the translations from several sources are fused where all others are the source; the plain mean where there is no table. */
  readonly fusionTables: readonly FusionTable[];
  /** A segmenter's file, or null. */
  readonly segmenter: string | null;
  /** File of the fitted local regressions and its SHA-256, or null. */
  readonly regression: { readonly path: string; readonly sha256: string } | null;
}

/** The work on one patient. */
export interface EvaluatePatientRun {
  readonly kind: 'evaluate-patient';
  readonly files: CaseFiles;
  readonly settings: EvaluateSettings;
}

/** The work on one patient whose translations are fused. */
export interface FusePatientRun {
  readonly kind: 'fuse-patient';
  readonly files: CaseFiles;
  readonly settings: EvaluateSettings;
  readonly tables: readonly FusionTable[];
}

interface Tools {
  readonly model: LoadedModel;
  readonly extractor?: FeatureExtractor;
  readonly segmenter?: LoadedSegmenter;
  readonly regression?: OpenRegression;
  readonly close: () => Promise<void>;
}

/** Evaluates patients; model and extractor stay loaded between them. */
export function evaluatePatientRunner(): JobRunner<EvaluatePatientRun, PatientEvaluation> {
  return runnerOf(async ({ settings }, patient, task, tools, records) => {
    const found = await evaluatePatient(patient, {
      ...task,
      learnFusion: settings.learnFusion,
      ...(tools.regression ? { regress: tools.regression.regress } : {}),
      ...(tools.extractor ? { extractor: tools.extractor, featureSlices: settings.featureSlices } : {}),
    });
    return { ...found, doubts: bodyDoubtsOf(patient.id, records, tools.model.metadata) };
  });
}

/** Volumes of a patient that are no brains by their size, or none as the model has learnt from. */
function bodyDoubtsOf(
  id: string,
  records: Readonly<Record<string, PreparationRecord>>,
  { training }: ModelMetadata,
): readonly string[] {
  const learnt = training?.body;
  return Object.entries(records).flatMap(([name, record]) => {
    if (!learnt && record.recipe.foreground.kind !== 'nonzero') return [];
    const doubt = whyImplausible(preparedBody(record), learnt);
    return doubt === undefined ? [] : [`${id} ${name}: ${doubt}`];
  });
}

/** Fuses the translations of patients; the model stays loaded between them. */
export function fusePatientRunner(): JobRunner<FusePatientRun, FusedPatient> {
  return runnerOf(({ tables }, patient, task) => fusePatient(patient, task, tables));
}

type Run = EvaluatePatientRun | FusePatientRun;

function runnerOf<Kind extends Run, Result>(
  work: (
    run: Kind,
    patient: ComparedPatient,
    task: PatientTask,
    tools: Tools,
    records: Readonly<Record<string, PreparationRecord>>,
  ) => Promise<Result>,
): JobRunner<Kind, Result> {
  const cache = keyedCache(
    ({ model, device, threads, features, segmenter, regression }: EvaluateSettings) => [
      model,
      device,
      threads,
      features,
      segmenter,
      regression,
    ],
    openTools,
  );
  return {
    run: ({ id, run }, context) =>
      attempt(id, context.signal, async () => {
        const { files, settings } = run;
        const tools = await cache.open(settings);
        const { patient, translate, survival, records } = await openPatient(files, settings, tools, context);
        const task = taskOf(patient, settings, tools.model, context);
        const own = { ...task, translate, ...(survival ? { survival } : {}) };
        return work(run, patient, own, tools, records);
      }),
    close: cache.close,
  };
}

async function openTools({
  model: path,
  device,
  threads,
  features,
  segmenter: segmenterFile,
  regression: regressionFile,
}: EvaluateSettings): Promise<Tools> {
  const most = threads === null ? {} : { threads };
  const model = await loadModel(path, { device, ...most });
  const closers = [model.close];
  const close = async (): Promise<void> => {
    for (const one of closers) await one();
  };
  try {
    const extractor = features === null ? undefined : await openExtractor(features, most);
    if (extractor) closers.push(extractor.close);
    const segmenter =
      segmenterFile === null ? undefined : await loadSegmenterFile(segmenterFile, { device, ...most });
    if (segmenter) closers.push(segmenter.close);
    // One thread: more would sum in another order and give other last digits.
    const regression =
      regressionFile === null
        ? undefined
        : await openRegression(regressionFile, createNodeRuntime('cpu', { threads: 1 }));
    if (regression) closers.push(regression.close);
    return {
      model,
      ...(extractor ? { extractor: extractor.extractor } : {}),
      ...(segmenter ? { segmenter } : {}),
      ...(regression ? { regression } : {}),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The built-in extractor or a network. @throws UtadError as loadOnnxExtractor. */
export async function openExtractor(
  features: string,
  most: { readonly threads?: number },
): Promise<{ readonly extractor: FeatureExtractor; readonly close: () => Promise<void> }> {
  if (features === 'built-in')
    return { extractor: await gaussianDerivatives(), close: async () => undefined };
  const extractor = await loadOnnxExtractor(features, most);
  return { extractor, close: extractor.close };
}

/** Reads a patient on the grid of the comparison, and says how it is translated and segmented there. */
async function openPatient(
  files: CaseFiles,
  { grid, fusionTables }: EvaluateSettings,
  { model, segmenter }: Tools,
  { signal }: JobContext,
) {
  const { modalities, tumourMask } = model.metadata.model;
  const onSlices = (): void => throwIfAborted(signal, 'utad evaluate');
  const weightsFor = (target: string, sources: readonly string[]) =>
    fusionTables.find((one) => one.target === target && one.sources.join() === sources.join())?.weights ??
    null;
  if (grid === 'native') {
    const native = await loadNativePatient(files, model.metadata);
    const patient = native.compared;
    return {
      patient,
      records: recordsOf(native.scans, ({ prepared }) => prepared.record),
      translate: translateNatively(native, { model, weightsFor, onSlices }),
      survival: segmenter && tumourSurvival(patient, findNatively(segmenter, native)),
    };
  }
  const prepared = await loadPreparedPatient(files, model.metadata.recipe, modalities);
  const patient = onModelGrid(prepared);
  const translate = translateOnModelGrid(
    prepared,
    modalities,
    (slices, source, target) =>
      model.translateSlices(slices, source, target, {
        onProgress: onSlices,
        masks: tumourMask ? prepared.tumour : undefined,
      }),
    weightsFor,
  );
  return {
    patient,
    records: recordsOf(prepared.modalities, ({ record }) => record),
    translate,
    survival: segmenter && tumourSurvival(patient, findOnModelGrid(segmenter)),
  };
}

function recordsOf<One>(
  volumes: Readonly<Record<string, One>>,
  recordOf: (one: One) => PreparationRecord,
): Readonly<Record<string, PreparationRecord>> {
  return Object.fromEntries(Object.entries(volumes).map(([name, one]) => [name, recordOf(one)]));
}

function taskOf(
  patient: ComparedPatient,
  { every, ringWidthMm, extraMeasures, protocol }: EvaluateSettings,
  model: LoadedModel,
  { signal, onProgress }: JobContext,
): Omit<PatientTask, 'translate'> {
  const total = translationsOf(Object.keys(patient.modalities), protocol).length;
  const quantiles = model.metadata.training?.quantiles;
  let done = 0;
  return {
    protocol,
    ...(quantiles ? { trainingQuantiles: quantiles } : {}),
    every,
    ringWidthMm,
    extraMeasures: protocol === 'all-but-one' ? [...extraMeasures, ...volumeMeasures] : extraMeasures,
    onDirection: () => {
      throwIfAborted(signal, 'utad evaluate');
      onProgress(++done, total);
    },
  };
}
