import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fail } from '../base/errors.js';
import type { CaseFiles } from '../datasets/case.js';
import type { PatientEvaluation, SliceScores } from '../evaluate/evaluate-patient.js';
import { sliceHead, sliceLines } from '../evaluate/report-csv.js';
import { type EvaluatePatientRun, type EvaluateSettings, evaluatePatientRunner } from './evaluate-patient.js';
import { defaultWorkers } from './jobs/default-workers.js';
import type { Job, JobOutcome, JobRun, JobRunner } from './jobs/job.js';
import { processRunner } from './jobs/process-runner.js';
import { runJobs } from './jobs/run-jobs.js';
import { createProgress } from './progress.js';

/** A patient without its slices' figures: they are in a file already, and too many to hold for all patients. */
export type JudgedPatient = Omit<PatientEvaluation, 'slices'>;

/** A patient that could not be judged. */
export interface FailedPatient {
  readonly patient: string;
  readonly message: string;
}

/** What became of the patients, in their order. */
export interface JudgedCohort {
  readonly judged: readonly JudgedPatient[];
  readonly failed: readonly FailedPatient[];
}

/** How patients are spread over processes. */
export interface CohortOptions {
  /** Patients at once; as many as suit the machine when left out. */
  readonly workers?: number;
  readonly signal: AbortSignal;
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
  options: CohortOptions,
): Promise<JudgedCohort> {
  const inOrder = createOrder(
    cases.map(({ id }) => id),
    (slices: readonly SliceScores[]) => write(sliceLines(slices)),
  );
  await write(sliceHead());
  const outcomes = await runPatients(
    'judging',
    cases,
    settings,
    (files, settled): EvaluatePatientRun => ({ kind: 'evaluate-patient', files, settings: settled }),
    (here) => withoutSlices(here ? evaluatePatientRunner() : processRunner(), inOrder),
    options,
  );
  const failed = failuresOf(outcomes);
  const judged = outcomes.flatMap((one) => (one.status === 'done' ? [one.result] : []));
  if (judged.length === 0) {
    const got = `${failed.length} failures; the first: ${failed[0]?.message}`;
    fail('bad-value', { where: 'utad evaluate', expected: 'a patient that can be judged', got });
  }
  return { judged, failed };
}

/** The patients that failed, and why. */
export function failuresOf(outcomes: readonly JobOutcome[]): FailedPatient[] {
  return outcomes.flatMap((one) =>
    one.status === 'failed' ? [{ patient: one.id, message: one.failure.message }] : [],
  );
}

/**
 * Runs one job a patient, several at once, with a progress line.
 *
 * @param startRunner makes a runner in this process, or else in one of its own
 * @throws UtadError interrupted when the signal asked to stop.
 */
export async function runPatients<Run extends JobRun, Result>(
  label: string,
  cases: readonly CaseFiles[],
  settings: EvaluateSettings,
  runOf: (files: CaseFiles, settings: EvaluateSettings) => Run,
  startRunner: (here: boolean) => JobRunner<Run, Result>,
  { workers: wanted, signal }: CohortOptions,
): Promise<readonly JobOutcome<Result>[]> {
  const workers = wanted ?? defaultWorkers((await stat(settings.model)).size, cases.length);
  const threads = settings.threads ?? Math.max(1, Math.floor(availableParallelism() / workers));
  const jobs = cases.map((files): Job<Run> => {
    const inputs = Object.values(files.modalities).map(({ path }) => path);
    const run = runOf(files, { ...settings, threads });
    return { id: files.id, inputs: [...inputs, settings.model], outputs: [], run };
  });
  const progress = createProgress(label, jobs.length * 100);
  const shares = new Map<string, number>();
  const share = (id: string, percent: number): void => {
    shares.set(id, percent);
    progress.update(Math.floor([...shares.values()].reduce((sum, one) => sum + one, 0)), id);
  };
  const outcomes = await runJobs(jobs, {
    workers,
    startRunner: () => startRunner(workers === 1),
    signal,
    onProgress: (id, done, total) => share(id, (100 * done) / total),
    onOutcome: ({ id }) => share(id, 100),
  }).finally(() => progress.end());
  if (signal.aborted) {
    const got = 'a signal to stop';
    fail('interrupted', { where: 'utad evaluate', expected: `to judge ${jobs.length} patients`, got });
  }
  return outcomes;
}

/** A runner whose slices go where they are written. */
function withoutSlices(
  runner: JobRunner<EvaluatePatientRun, PatientEvaluation>,
  put: (id: string, slices: readonly SliceScores[]) => Promise<void>,
): JobRunner<EvaluatePatientRun, JudgedPatient> {
  return {
    run: async (job, context) => {
      const outcome = await runner.run(job, context);
      if (outcome.status !== 'done') {
        await put(job.id, []);
        return outcome;
      }
      const { slices, ...rest } = outcome.result;
      await put(job.id, slices);
      return { ...outcome, result: rest };
    },
    close: runner.close,
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
