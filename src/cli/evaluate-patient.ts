import { fail } from '../base/errors.js';
import type { CaseFiles } from '../datasets/case.js';
import { loadPreparedPatient } from '../datasets/prepared-patient.node.js';
import { evaluatePatient, type PatientEvaluation } from '../evaluate/evaluate-patient.js';
import type { FeatureExtractor } from '../evaluate/feature-extractor.js';
import { gaussianDerivatives } from '../evaluate/gaussian-derivatives.js';
import { loadOnnxExtractor } from '../evaluate/onnx-extractor.node.js';
import type { LoadedModel } from '../translate/loaded-model.js';
import { loadModel } from '../translate/model.node.js';
import { attempt } from './jobs/attempt.js';
import type { Job, JobContext, JobRunner } from './jobs/job.js';

/** How patients are judged, whoever they are; plain JSON. */
export interface EvaluateSettings {
  readonly model: string;
  readonly device: string;
  /** Threads on the CPU; null for all cores. */
  readonly threads: number | null;
  readonly every: number;
  readonly ringWidthMm: number;
  readonly uniform: boolean;
  /** A feature network's file, `built-in`, or null for no features. */
  readonly features: string | null;
  /** The most slices of a patient that features are taken of. */
  readonly featureSlices: number;
}

/** The work on one patient. */
export interface EvaluatePatientRun {
  readonly kind: 'evaluate-patient';
  readonly files: CaseFiles;
  readonly settings: EvaluateSettings;
}

interface Tools {
  readonly model: LoadedModel;
  readonly extractor?: FeatureExtractor;
  readonly close: () => Promise<void>;
}

/** Judges patients; model and extractor stay loaded between them. */
export function evaluatePatientRunner(): JobRunner<EvaluatePatientRun, PatientEvaluation> {
  let opened: { readonly key: string; readonly tools: Tools } | undefined;
  const close = async (): Promise<void> => {
    await opened?.tools.close();
    opened = undefined;
  };
  const toolsFor = async (settings: EvaluateSettings): Promise<Tools> => {
    const { model, device, threads, features } = settings;
    const key = JSON.stringify([model, device, threads, features]);
    if (opened?.key !== key) {
      await close();
      opened = { key, tools: await openTools(settings) };
    }
    return opened.tools;
  };
  return {
    run: (job, context) =>
      attempt(job.id, context.signal, async () => judge(job, context, await toolsFor(job.run.settings))),
    close,
  };
}

async function openTools({ model: path, device, threads, features }: EvaluateSettings): Promise<Tools> {
  const most = threads === null ? {} : { threads };
  const model = await loadModel(path, { device, ...most });
  if (features === null) return { model, close: model.close };
  try {
    const { extractor, close } = await openExtractor(features, most);
    return {
      model,
      extractor,
      close: async () => {
        await model.close();
        await close();
      },
    };
  } catch (error) {
    await model.close();
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

async function judge(
  { run: { files, settings } }: Job<EvaluatePatientRun>,
  { signal, onProgress }: JobContext,
  { model, extractor }: Tools,
): Promise<PatientEvaluation> {
  const { modalities } = model.metadata.model;
  const patient = await loadPreparedPatient(files, model.metadata.recipe, modalities);
  const present = modalities.filter((name) => patient.modalities[name]).length;
  const directions = present * (present - 1);
  const quantiles = model.metadata.training?.quantiles;
  let done = 0;
  return evaluatePatient(patient, {
    modalities,
    translate: (slices, source, target) =>
      model.translateSlices(slices, source, target, () => requireGoing(signal)),
    ...(quantiles ? { trainingQuantiles: quantiles } : {}),
    every: settings.every,
    ringWidthMm: settings.ringWidthMm,
    uniform: settings.uniform,
    ...(extractor ? { extractor, featureSlices: settings.featureSlices } : {}),
    onDirection: () => {
      requireGoing(signal);
      onProgress(++done, directions);
    },
  });
}

function requireGoing(signal: AbortSignal): void {
  if (!signal.aborted) return;
  fail('interrupted', { where: 'utad evaluate', expected: 'to finish', got: 'a signal to stop' });
}
