import type { Job, JobOutcome, JobRun, JobRunner } from './job.js';

/** What {@link runJobs} is told. */
export interface RunJobsOptions<Run extends JobRun, Result> {
  /** How many run at once; each has a runner of its own. */
  readonly workers: number;
  /** Starts a runner; called at most `workers` times, and again after one broke. */
  readonly startRunner: () => JobRunner<Run, Result>;
  /** Stops: running jobs end early, waiting ones are not begun. */
  readonly signal: AbortSignal;
  /** Told of each job that ended, in the order of their ends. */
  readonly onOutcome?: (outcome: JobOutcome<Result>) => void;
  /** Told of a running job's steps. */
  readonly onProgress?: (id: string, done: number, total: number) => void;
}

/**
 * Runs a list of independent jobs, several at once. A failed job does not keep the others from running, unless
 * its failure is one that all share.
 *
 * @returns the outcomes in the order of the jobs; those that were not begun or not finished are `stopped`
 */
export async function runJobs<Run extends JobRun, Result>(
  jobs: readonly Job<Run>[],
  { workers, startRunner, signal, onOutcome, onProgress }: RunJobsOptions<Run, Result>,
): Promise<readonly JobOutcome<Result>[]> {
  const outcomes = new Map<string, JobOutcome<Result>>();
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
        const outcome = await runner.run(job, context);
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
