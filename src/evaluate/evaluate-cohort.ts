import { fail } from '../base/errors.js';
import type { CaseFiles } from '../datasets/case.js';
import { type FailedPatient, failuresOf, workOnPatients } from '../jobs/patient-jobs.js';
import type { Keep } from '../jobs/run-jobs.js';
import type { Workplace } from '../jobs/workplace.js';
import type { PatientEvaluation, SliceScores } from './evaluate-patient.js';
import type { EvaluatePatientRun, EvaluateSettings } from './evaluate-patient-job.js';
import { sliceHead, sliceLines } from './report-csv.js';

/** A patient without its slices' figures: they are in a file already, and too many to hold for all patients. */
export type JudgedPatient = Omit<PatientEvaluation, 'slices'>;

/** What became of the patients, in their order. */
export interface JudgedCohort {
  readonly judged: readonly JudgedPatient[];
  readonly failed: readonly FailedPatient[];
}

/**
 * Judges patients, several at once, and writes the figures of their slices as they come, in the patients' order.
 *
 * @param write takes the lines of the slices' figures
 * @throws UtadError interrupted when the signal asked to stop, bad-value when nobody could be judged.
 */
export async function judgeCohort(
  cases: readonly CaseFiles[],
  settings: EvaluateSettings,
  write: (lines: string) => Promise<void>,
  place: Workplace,
  signal: AbortSignal,
): Promise<JudgedCohort> {
  const inOrder = createOrder(
    cases.map(({ id }) => id),
    (slices: readonly SliceScores[]) => write(sliceLines(slices)),
  );
  await write(sliceHead());
  const outcomes = await workOnPatients<EvaluatePatientRun, PatientEvaluation, JudgedPatient>(place, {
    label: 'judging',
    cases,
    models: [settings.model],
    runOf: (files): EvaluatePatientRun => ({ kind: 'evaluate-patient', files, settings }),
    keep: withoutSlices(inOrder),
    command: 'utad evaluate',
    signal,
  });
  const failed = failuresOf(outcomes);
  const judged = outcomes.flatMap((one) => (one.status === 'done' ? [one.result] : []));
  if (judged.length === 0) {
    const got = `${failed.length} failures; the first: ${failed[0]?.message}`;
    fail('bad-value', { where: 'utad evaluate', expected: 'a patient that can be judged', got });
  }
  return { judged, failed };
}

/** Puts slices where they are written, and keeps the rest. */
function withoutSlices(
  put: (id: string, slices: readonly SliceScores[]) => Promise<void>,
): Keep<PatientEvaluation, JudgedPatient> {
  return async (outcome) => {
    if (outcome.status !== 'done') {
      await put(outcome.id, []);
      const { result: _, ...rest } = outcome;
      return rest;
    }
    const { slices, ...rest } = outcome.result;
    await put(outcome.id, slices);
    return { ...outcome, result: rest };
  };
}

/** Hands over what comes in any order in the order of the ids. */
function createOrder<T>(ids: readonly string[], take: (value: T) => Promise<void>) {
  const waiting = new Map<string, T>();
  let next = 0;
  let last = Promise.resolve();
  return (id: string, value: T): Promise<void> => {
    waiting.set(id, value);
    for (; next < ids.length && waiting.has(ids[next]!); next++) {
      const ready = waiting.get(ids[next]!)!;
      waiting.delete(ids[next]!);
      last = last.then(() => take(ready));
    }
    return last;
  };
}
