import { fail } from '../base/errors.js';

/**
 * A piece of work that stands alone: any process that sees the same files can do it, in any order, and again.
 * It is plain JSON, so that a list of jobs can be handed to other processes and other machines.
 */
export interface Job<Run extends JobRun = JobRun> {
  /** Unique in its list. */
  readonly id: string;
  /** Files and folders that it reads. */
  readonly inputs: readonly string[];
  /** Files and folders that it writes, each whole or not at all. */
  readonly outputs: readonly string[];
  /** What to do; the kind chooses the function. */
  readonly run: Run;
}

/** What a job's `run` has at least. */
export interface JobRun {
  readonly kind: string;
}

/** How a job ended; one that did not come to its end may still say what it had finished until then. */
export type JobOutcome<Result = unknown> =
  | { readonly id: string; readonly status: 'done'; readonly seconds: number; readonly result: Result }
  | {
      readonly id: string;
      readonly status: 'failed';
      readonly seconds: number;
      readonly failure: JobFailure;
      readonly result?: Result;
    }
  | { readonly id: string; readonly status: 'stopped'; readonly result?: Result };

/** Why a job failed. */
export interface JobFailure {
  readonly message: string;
  /** Every other job would fail alike, as on a full disk. */
  readonly fatal: boolean;
  /** Another attempt may go well: the reason lay in the machine and not in the job. */
  readonly transient?: true;
}

/** What a job may use while it runs. */
export interface JobContext {
  readonly signal: AbortSignal;
  /** Called with how many of the job's steps are finished. */
  readonly onProgress: (done: number, total: number) => void;
}

/** Does jobs of one list after each other and keeps between them what is dear to load. */
export interface JobRunner<Run extends JobRun = JobRun, Result = unknown> {
  /** @returns the outcome; never throws for what went wrong in the job */
  readonly run: (job: Job<Run>, context: JobContext) => Promise<JobOutcome<Result>>;
  readonly close: () => Promise<void>;
}

/** A runner of one kind as a runner of jobs of any kind, which refuses those of another. */
export function runnerOf<Run extends JobRun, Result>(
  kind: Run['kind'],
  { run, close }: JobRunner<Run, Result>,
): JobRunner {
  const isOurs = (job: Job): job is Job<Run> => job.run.kind === kind;
  return {
    run: async (job, context) =>
      isOurs(job)
        ? run(job, context)
        : fail('bad-argument', { where: job.id, expected: `a job of kind ${kind}`, got: job.run.kind }),
    close,
  };
}

/** How runners for jobs of every kind are started. The list of jobs does not know the kinds. */
export interface RunnerStart {
  /** A runner in this process. */
  readonly here: () => JobRunner;
  /** A runner in a process of its own. */
  readonly inProcess: () => JobRunner;
}
