import { fail } from '../base/errors.js';
import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import { evaluatePatient, type PatientEvaluation, type PatientTask } from './evaluate-patient.js';
import { defaultRingWidthMm, defaultSliceStep } from './evaluation-defaults.js';
import type { FeatureExtractor } from './feature-extractor.js';
import type { FusedRow } from './fuse-patient.js';
import type { EvaluationReport } from './report-schema.js';
import { summarise } from './summarise.js';
import { summariseFeatures } from './summarise-features.js';
import { summariseFused } from './summarise-fused.js';

/** What an evaluation in one process needs. */
export interface EvaluationTask
  extends Omit<PatientTask, 'every' | 'ringWidthMm' | 'featureSlices' | 'onDirection'> {
  readonly patients: AsyncIterable<PreparedPatient> | Iterable<PreparedPatient>;
  /** Judge every n-th slice; default {@link defaultSliceStep}. */
  readonly sliceStep?: number;
  /** Width of the ring around the tumour, millimetres; default {@link defaultRingWidthMm}. */
  readonly ringWidthMm?: number;
  /** Called after each patient and direction. */
  readonly onProgress?: (patient: string, source: string, target: string) => void;
  /** Called after each patient, e.g. to draw it. */
  readonly onPatient?: (evaluation: PatientEvaluation) => void;
}

/** Features are held until all patients are judged: of so many slices in each direction. */
export const mostFeatureSlices = 500;

/**
 * Judges patients one after the other, in every direction.
 *
 * @throws UtadError bad-argument for a slice step below 1, bad-value when no patient has two of the modalities, and
 * as {@link evaluatePatient}.
 */
export async function evaluateDirections(task: EvaluationTask): Promise<EvaluationReport> {
  const { patients, sliceStep: every = defaultSliceStep, ringWidthMm = defaultRingWidthMm } = task;
  requireSliceStep(every);
  const evaluations: PatientEvaluation[] = [];
  for await (const patient of patients) {
    const evaluation = await evaluatePatient(patient, {
      ...task,
      every,
      ringWidthMm,
      onDirection: (source, target) => task.onProgress?.(patient.id, source, target),
    });
    task.onPatient?.(evaluation);
    evaluations.push(evaluation);
  }
  return reportOf(evaluations, task, every, ringWidthMm);
}

/** What a report says of the task. */
export interface ReportedTask extends Pick<PatientTask, 'modalities'> {
  readonly extractor?: Pick<FeatureExtractor, 'description'>;
}

/**
 * The report of patients that were judged, wherever they were.
 *
 * @throws UtadError bad-value when there is no figure.
 */
export function reportOf(
  evaluations: readonly Pick<PatientEvaluation, 'rows' | 'side' | 'features'>[],
  { modalities, extractor }: ReportedTask,
  every: number,
  ringWidthMm: number,
  fusedRows?: readonly FusedRow[],
): EvaluationReport {
  const rows = evaluations.flatMap((one) => one.rows);
  if (rows.length === 0) {
    fail('bad-value', {
      where: 'evaluation',
      expected: `patients with at least two of ${modalities.join(', ')}`,
      got: 'none',
    });
  }
  const features = evaluations.flatMap((one) => one.features ?? []);
  return summarise({
    modalities,
    rows,
    sliceSide: evaluations[0]!.side,
    every,
    ringWidthMm,
    ...(extractor ? { features: summariseFeatures(extractor.description, modalities, features) } : {}),
    ...(fusedRows ? { fusedRows, fused: summariseFused(fusedRows, rows) } : {}),
  });
}

/** @throws UtadError bad-argument for a slice step below 1. */
export function requireSliceStep(every: number): void {
  if (Number.isInteger(every) && every >= 1) return;
  fail('bad-argument', { where: 'slice step', expected: 'a whole number from 1', got: String(every) });
}

/** How many slices of each patient features may be taken of, so that all together stay within bounds. */
export function featureSlicesOf(patients: number): number {
  return Math.max(1, Math.floor(mostFeatureSlices / Math.max(1, patients)));
}
