import { join } from 'node:path';
import { replaceFile } from '../base/files.node.js';
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
import type { ExtractorDescription } from './report-schema.js';

/** What is evaluated, on whom, and how. */
export interface EvaluationRequest {
  /** The model's file as it was named, what it says of itself, and the SHA-256 of its content. */
  readonly model: { readonly file: string; readonly metadata: ModelMetadata; readonly sha256: string };
  readonly chosen: ChosenCases<CaseFiles>;
  readonly settings: Omit<EvaluateSettings, 'featureSlices'>;
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
}

/** Refuses a request that cannot be met, before any patient is evaluated. @throws UtadError bad-value. */
export function requireEvaluable({ fuse, chosen, model }: EvaluationRequest): void {
  if (fuse) requireFusible(chosen.cases, model.metadata.model.modalities, fuse.given !== undefined);
}

/**
 * Evaluates all patients and writes slices.csv, which is put in place when all are done.
 *
 * @throws UtadError interrupted by the signal, with nothing written; bad-value when no patient could be evaluated.
 */
export async function runEvaluation(
  { chosen: { cases }, settings: given, fuse, out }: EvaluationRequest,
  execution: Execution,
): Promise<EvaluatedPatients> {
  const threads = given.threads ?? execution.executor.threads;
  const settings = { ...given, threads, featureSlices: featureSlicesOf(cases.length) };
  return replaceFile(join(out, 'slices.csv'), async (file) => {
    const found = await evaluateCohort(cases, settings, (lines) => file.writeFile(lines), execution);
    if (fuse === undefined) return { ...found, fused: undefined };
    const fused = await fuseCohort(cases, found.evaluated, settings, fuse.given, execution);
    return { ...found, fused, failed: [...found.failed, ...fused.failed] };
  });
}
