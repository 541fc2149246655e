import { fail } from '../base/errors.js';
import type { CaseFiles } from '../datasets/case.js';
import { type FailedPatient, failuresOf, runPatientJobs } from '../jobs/patient-jobs.js';
import type { Keep } from '../jobs/run-jobs.js';
import type { Execution } from '../jobs/run-with-progress.js';
import type { PatientEvaluation, SliceScores } from './evaluate-patient.js';
import type { EvaluatePatientRun, EvaluateSettings } from './evaluate-patient-job.js';
import { sliceHead, sliceLines } from './report-csv.js';

/** A patient without its slices' figures: they are in a file already, and too many to hold for all patients. */
export type EvaluatedPatient = Omit<PatientEvaluation, 'slices'>;

/** What became of the patients, in their order. */
interface EvaluatedCohort {
  readonly evaluated: readonly EvaluatedPatient[];
  readonly failed: readonly FailedPatient[];
}

/**
 * Evaluates patients, several at once, and writes the figures of their slices as they come, in the patients' order.
 *
 * @param write takes the lines of the slices' figures
 * @throws UtadError interrupted when the signal asked to stop, bad-value when no patient could be evaluated.
 */
export async function evaluateCohort(
  cases: readonly CaseFiles[],
  settings: EvaluateSettings,
  write: (lines: string) => Promise<void>,
  execution: Execution,
): Promise<EvaluatedCohort> {
  const inOrder = createOrder(
    cases.map(({ id }) => id),
    (slices: readonly SliceScores[]) => write(sliceLines(slices)),
  );
  await write(sliceHead());
  const outcomes = await runPatientJobs<EvaluatePatientRun, PatientEvaluation, EvaluatedPatient>(execution, {
    label: 'evaluating',
    cases,
    models: [settings.model, ...(settings.regression ? [settings.regression.path] : [])],
    runOf: (files): EvaluatePatientRun => ({ kind: 'evaluate-patient', files, settings }),
    keep: withoutSlices(inOrder),
    command: 'utad evaluate',
  });
  const failed = failuresOf(outcomes);
  const evaluated = outcomes.flatMap((one) => (one.status === 'done' ? [one.result] : []));
  if (evaluated.length === 0) {
    const got = `${failed.length} failures; the first: ${failed[0]?.message}`;
    fail('bad-value', { where: 'utad evaluate', expected: 'a patient that can be evaluated', got });
  }
  return { evaluated, failed };
}

/** Puts slices where they are written, and keeps the rest. */
function withoutSlices(
  put: (id: string, slices: readonly SliceScores[]) => Promise<void>,
): Keep<PatientEvaluation, EvaluatedPatient> {
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
