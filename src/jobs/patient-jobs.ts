import { fail, runAgain, stop } from '../base/errors.js';
import type { CaseFiles } from '../datasets/case.js';
import type { Job, JobOutcome, JobRun } from './job.js';
import type { Keep } from './run-jobs.js';
import { type Execution, runWithProgress } from './run-with-progress.js';

/** A patient with whom something went wrong. */
export interface FailedPatient {
  readonly patient: string;
  readonly message: string;
}

/** The patients that failed, and why. */
export function failuresOf(outcomes: readonly JobOutcome[]): FailedPatient[] {
  return outcomes.flatMap((one) =>
    one.status === 'failed' ? [{ patient: one.id, message: one.failure.message }] : [],
  );
}

/** A list with one job a patient. */
interface PatientJobs<Run extends JobRun, Result, Kept> {
  readonly label: string;
  readonly cases: readonly CaseFiles[];
  /** Files that every job reads besides. */
  readonly models: readonly string[];
  readonly runOf: (files: CaseFiles) => Run;
  /** Takes a result as it comes and says what is kept of it; everything when left out. */
  readonly keep?: Keep<Result, Kept>;
  /** The command, for messages. */
  readonly command: string;
}

/**
 * Runs one job a patient, with a progress line.
 *
 * @throws UtadError interrupted when the signal or `utad jobs cancel` asked to stop; io for what all patients would meet.
 */
export async function runPatientJobs<Run extends JobRun, Result, Kept = Result>(
  execution: Execution,
  { label, cases, models, runOf, keep, command }: PatientJobs<Run, Result, Kept>,
): Promise<readonly JobOutcome<Kept>[]> {
  const jobs = cases.map((files): Job<Run> => {
    const inputs = Object.values(files.modalities).map(({ path }) => path);
    return { id: files.id, inputs: [...inputs, ...models], outputs: [], run: runOf(files) };
  });
  const outcomes = await runWithProgress<Run, Result, Kept>(execution, {
    label,
    jobs,
    unit: 'patients',
    ...(keep === undefined ? {} : { keep }),
  });
  const { signal } = execution;
  const fatal = outcomes.find((one) => one.status === 'failed' && one.failure.fatal);
  if (fatal?.status === 'failed')
    fail('io', { where: command, expected: `to finish ${jobs.length} patients`, got: fatal.failure.message });
  if (signal.aborted || outcomes.some(({ status }) => status === 'stopped')) {
    const cancelled = signal.aborted ? {} : { stopped: 'because its list of jobs was cancelled' };
    stop({ where: command, ...cancelled, todo: runAgain });
  }
  return outcomes;
}
