import type { Job, JobOutcome, JobRun, JobRunner } from './job.js';

/** Options of {@link runJobs}. */
interface RunJobsOptions<Run extends JobRun, Result, Kept = Result> {
  /** How many run at once; each has a runner of its own. */
  readonly workers: number;
  /** Starts a runner; called at most `workers` times, and again after one broke. */
  readonly startRunner: () => JobRunner<Run, Result>;
  /** Stops: running jobs end early, waiting ones are not begun. */
  readonly signal: AbortSignal;
  /** Called before each job begins. */
  readonly onBegin?: (id: string) => Promise<void>;
  /** Takes a result as it comes and says what is kept of it; everything when left out. */
  readonly keep?: Keep<Result, Kept>;
  /** Called for each job that ended, in the order of their ends. */
  readonly onOutcome?: (outcome: JobOutcome<Kept>) => void;
  /** Called for a running job's steps. */
  readonly onProgress?: (id: string, done: number, total: number) => void;
}

/** Takes an outcome as it comes, and says what is kept of it. */
export type Keep<Result, Kept> = (outcome: JobOutcome<Result>) => Promise<JobOutcome<Kept>>;

/**
 * Runs a list of independent jobs, several at once. A failed job does not keep the others from running, unless
 * its failure is one that all share.
 *
 * @returns the outcomes in the order of the jobs; those that were not begun or not finished are `stopped`
 */
export async function runJobs<Run extends JobRun, Result, Kept = Result>(
  jobs: readonly Job<Run>[],
  { workers, startRunner, signal, onBegin, keep, onOutcome, onProgress }: RunJobsOptions<Run, Result, Kept>,
): Promise<readonly JobOutcome<Kept>[]> {
  const outcomes = new Map<string, JobOutcome<Kept>>();
  const waiting = [...jobs];
  const own = new AbortController();
  const both = AbortSignal.any([signal, own.signal]);

  const work = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const runner = startRunner();
    try {
      for (let job = waiting.shift(); job !== undefined && !both.aborted; job = waiting.shift()) {
        const { id } = job;
        const context = {
          signal: both,
          onProgress: (done: number, total: number) => onProgress?.(id, done, total),
        };
        await onBegin?.(id);
        const come = await runner.run(job, context);
        const outcome = keep === undefined ? (come as unknown as JobOutcome<Kept>) : await keep(come);
        outcomes.set(id, outcome);
        onOutcome?.(outcome);
        if (outcome.status === 'failed' && outcome.failure.fatal) own.abort();
      }
    } finally {
      await runner.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work));
  return jobs.map(({ id }) => outcomes.get(id) ?? { id, status: 'stopped' });
}
