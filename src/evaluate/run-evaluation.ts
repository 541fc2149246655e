import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { refuse } from '../base/errors.js';
import { replaceFile, writeFileAtomic } from '../base/files.node.js';
import { jsonText } from '../base/json.node.js';
import { modelHash } from '../cohort/open-model.js';
import type { CaseFiles } from '../datasets/case.js';
import type { ChosenCases } from '../datasets/choose-cases.node.js';
import type { FailedPatient } from '../jobs/patient-jobs.js';
import type { Execution } from '../jobs/run-with-progress.js';
import type { Fusion } from '../translate/fusion.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { type EvaluatedPatient, evaluateCohort } from './evaluate-cohort.js';
import { type FusedCohort, fuseCohort, requireFusible } from './evaluate-fused.js';
import type { EvaluateSettings } from './evaluate-patient-job.js';
import { featureSlicesOf } from './evaluation-defaults.js';
import { fitRegression } from './fit-regression.js';
import type { RegressionPatients } from './regression-patients.js';
import type { ExtractorDescription } from './report-schema.js';

/** What is evaluated, on whom, and how. */
export interface EvaluationRequest {
  /** The model's file as it was named, what it says of itself, and the SHA-256 of its content. */
  readonly model: { readonly file: string; readonly metadata: ModelMetadata; readonly sha256: string };
  readonly chosen: ChosenCases<CaseFiles>;
  readonly settings: Omit<EvaluateSettings, 'featureSlices' | 'regression'>;
  /** Whom the local regression is fitted to. */
  readonly regression: RegressionPatients;
  readonly extractor?: ExtractorDescription;
  readonly segmenter?: { readonly file: string; readonly sha256: string };
  /** Whether translations are fused, too: with given weights, or with weights learnt from the other patients. */
  readonly fuse?: { readonly given: Fusion | undefined };
  /** Folder of the report. */
  readonly out: string;
}

/** What became of the patients. */
export interface EvaluatedPatients {
  readonly evaluated: readonly EvaluatedPatient[];
  readonly failed: readonly FailedPatient[];
  readonly fused: FusedCohort | undefined;
  /** Whose pairs the local regression was fitted to. */
  readonly regressionPatients: readonly string[];
}

/** Refuses a request that cannot be met, before any patient is evaluated. @throws UtadError bad-argument or bad-value. */
export function requireEvaluable({ fuse, chosen, model, settings }: EvaluationRequest): void {
  const { network } = model.metadata.model;
  if (settings.protocol === 'all-but-one' && settings.grid === 'model' && network === 'any-source') {
    refuse('bad-argument', {
      where: '--grid model',
      problem:
        'a network of any sources is given all of them as utad translate does, on the patient’s own grid',
      todo: 'Leave out --grid model.',
    });
  }
  if (settings.protocol === 'all-but-one' && fuse) {
    // The weights of a file are those of the only fusing there is.
    if (fuse.given) return;
    refuse('bad-argument', {
      where: '--fuse',
      problem: 'weights are learnt from single translations, which --sources all-but-one does not score',
      todo: 'Learn them with --sources each, and name their file here: --fuse <fusion.json>.',
    });
  }
  if (fuse) requireFusible(chosen.cases, model.metadata.model.modalities, fuse.given !== undefined);
}

/**
 * Evaluates all patients and writes slices.csv, which is put in place when all are done, and regression.json where a local
 * regression was fitted.
 *
 * @throws UtadError interrupted by the signal, with nothing written; bad-value when no patient could be evaluated.
 */
export async function runEvaluation(
  request: EvaluationRequest,
  execution: Execution,
): Promise<EvaluatedPatients> {
  const { chosen, settings: given, fuse, out } = request;
  const { cases } = chosen;
  const threads = given.threads ?? execution.executor.threads;
  const { regression, patients: regressionPatients } = await writeRegression(request, execution);
  const settings = { ...given, threads, featureSlices: featureSlicesOf(cases.length), regression };
  try {
    return await replaceFile(join(out, 'slices.csv'), async (file) => {
      const found = await evaluateCohort(cases, settings, (lines) => file.writeFile(lines), execution);
      if (fuse === undefined || given.protocol === 'all-but-one')
        return { ...found, fused: undefined, regressionPatients };
      const fused = await fuseCohort(cases, found.evaluated, settings, fuse.given, execution);
      return { ...found, fused, failed: [...found.failed, ...fused.failed], regressionPatients };
    });
  } catch (error) {
    if (regression) await rm(regression.path, { force: true });
    throw error;
  }
}

/** Fits the local regression and writes it where every job finds it. */
async function writeRegression(
  { regression: { cases }, model, settings: { protocol }, out }: EvaluationRequest,
  execution: Execution,
): Promise<{ readonly regression: EvaluateSettings['regression']; readonly patients: readonly string[] }> {
  if (cases.length === 0) return { regression: null, patients: [] };
  const fitted = await fitRegression(cases, model.metadata, protocol, execution);
  const path = resolve(out, 'regression.json');
  await writeFileAtomic(path, jsonText(fitted));
  return { regression: { path, sha256: await modelHash(path) }, patients: fitted.patients };
}
