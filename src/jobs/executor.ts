import { availableParallelism } from 'node:os';
import type { Job, JobOutcome, JobRun, JobRunner, RunnerStart } from './job.js';
import { type Keep, runJobs } from './run-jobs.js';

/** Options for one list of jobs. */
export interface RunOptions<Result, Kept = Result> {
  /** Stops: locally the jobs at hand end early; elsewhere they go on, and nobody waits for them any more. */
  readonly signal: AbortSignal;
  /** Takes a result as it comes and says what is kept of it; everything when left out. */
  readonly keep?: Keep<Result, Kept>;
  /** Called for each job that ended. */
  readonly onOutcome?: (outcome: JobOutcome<Kept>) => void;
  /** Called for a running job's steps. */
  readonly onProgress?: (id: string, done: number, total: number) => void;
  /** Called with how the work stands as a whole, in a few words. */
  readonly onNews?: (text: string) => void;
}

/** Runs lists of jobs, on this machine or elsewhere. Nothing else knows where a job runs. */
export interface Executor {
  /** Threads for a job where the user names none. */
  readonly threads: number;
  /**
   * @param name of the list, in a word: a command may have several
   * @returns the outcomes in the order of the jobs; those that were not begun or not finished are `stopped`
   */
  readonly run: <Run extends JobRun, Result, Kept = Result>(
    name: string,
    jobs: readonly Job<Run>[],
    options: RunOptions<Result, Kept>,
  ) => Promise<readonly JobOutcome<Kept>[]>;
  /** Called when the command has written its results: its lists are not continued any more. */
  readonly finalise: () => Promise<void>;
}

/**
 * This machine: jobs in worker processes, or in this process where there is one worker.
 *
 * @param workers how many jobs run at once
 * @param start starts what does the jobs
 */
export function localExecutor(workers: number, start: RunnerStart): Executor {
  return {
    threads: Math.max(1, Math.floor(availableParallelism() / workers)),
    run: async <Run extends JobRun, Result, Kept>(
      _: string,
      jobs: readonly Job<Run>[],
      options: RunOptions<Result, Kept>,
    ) => {
      // A list says what its results are; who does its jobs knows every kind.
      const startRunner = (): JobRunner<Run, Result> =>
        (workers === 1 ? start.here() : start.inProcess()) as JobRunner<Run, Result>;
      return runJobs<Run, Result, Kept>(jobs, { workers, startRunner, ...options });
    },
    finalise: async () => undefined,
  };
}
