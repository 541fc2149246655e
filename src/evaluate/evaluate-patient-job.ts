import { throwIfAborted } from '../base/abort.js';
import { keyedCache } from '../base/keyed-cache.js';
import type { CaseFiles } from '../datasets/case.js';
import { loadPreparedPatient, type PreparedPatient } from '../datasets/prepared-patient.node.js';
import { whyImplausible } from '../imaging/plausibility.js';
import { preparedBody } from '../imaging/record.js';
import { attempt } from '../jobs/attempt.js';
import type { JobContext, JobRunner } from '../jobs/job.js';
import { type LoadedSegmenter, loadSegmenterFile } from '../segmentation/segmenter.node.js';
import type { FusionTable } from '../translate/fusion.js';
import type { LoadedModel } from '../translate/loaded-model.js';
import { loadModel } from '../translate/model.node.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { evaluatePatient, type PatientEvaluation, type PatientTask } from './evaluate-patient.js';
import type { FeatureExtractor } from './feature-extractor.js';
import { type FusedPatient, fusePatient } from './fuse-patient.js';
import { gaussianDerivatives } from './gaussian-derivatives.js';
import type { MeasureName } from './measures.js';
import { loadOnnxExtractor } from './onnx-extractor.node.js';

/** How patients are evaluated; plain JSON. */
export interface EvaluateSettings {
  readonly model: string;
  readonly device: string;
  /** Threads on the CPU; null for all cores. */
  readonly threads: number | null;
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
  /** A segmenter's file, or null. */
  readonly segmenter: string | null;
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
  readonly close: () => Promise<void>;
}

/** Evaluates patients; model and extractor stay loaded between them. */
export function evaluatePatientRunner(): JobRunner<EvaluatePatientRun, PatientEvaluation> {
  return runnerOf(async ({ settings }, patient, task, tools) => {
    const found = await evaluatePatient(patient, {
      ...task,
      learnFusion: settings.learnFusion,
      ...(tools.segmenter ? { segmenter: tools.segmenter } : {}),
      ...(tools.extractor ? { extractor: tools.extractor, featureSlices: settings.featureSlices } : {}),
    });
    return { ...found, doubts: bodyDoubtsOf(patient, tools.model.metadata) };
  });
}

/** Volumes of a patient that are no brains by their size, or none as the model has learnt from. */
function bodyDoubtsOf({ id, modalities }: PreparedPatient, { training }: ModelMetadata): readonly string[] {
  const learnt = training?.body;
  return Object.entries(modalities).flatMap(([name, { record }]) => {
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
  work: (run: Kind, patient: PreparedPatient, task: PatientTask, tools: Tools) => Promise<Result>,
): JobRunner<Kind, Result> {
  const cache = keyedCache(
    ({ model, device, threads, features, segmenter }: EvaluateSettings) => [
      model,
      device,
      threads,
      features,
      segmenter,
    ],
    openTools,
  );
  return {
    run: ({ id, run }, context) =>
      attempt(id, context.signal, async () => {
        const { files, settings } = run;
        const tools = await cache.open(settings);
        const { metadata } = tools.model;
        const patient = await loadPreparedPatient(files, metadata.recipe, metadata.model.modalities);
        return work(run, patient, taskOf(patient, settings, tools.model, context), tools);
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
    return {
      model,
      ...(extractor ? { extractor: extractor.extractor } : {}),
      ...(segmenter ? { segmenter } : {}),
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

function taskOf(
  patient: PreparedPatient,
  { every, ringWidthMm, extraMeasures }: EvaluateSettings,
  model: LoadedModel,
  { signal, onProgress }: JobContext,
): PatientTask {
  const { modalities, tumourMask } = model.metadata.model;
  const present = modalities.filter((name) => patient.modalities[name]).length;
  const directions = present * (present - 1);
  const quantiles = model.metadata.training?.quantiles;
  let done = 0;
  return {
    modalities,
    // The whole volume, since evaluated slices may have context slices that are not.
    translate: (_slices, source, target, { modalities: volumes, tumour }, _tumour, places) =>
      model.translateSlices(volumes[modalities[source]!]!.slices, source, target, {
        onProgress: () => throwIfAborted(signal, 'utad evaluate'),
        chosen: places,
        masks: tumourMask ? tumour : undefined,
      }),
    ...(quantiles ? { trainingQuantiles: quantiles } : {}),
    every,
    ringWidthMm,
    extraMeasures,
    onDirection: () => {
      throwIfAborted(signal, 'utad evaluate');
      onProgress(++done, directions);
    },
  };
}
