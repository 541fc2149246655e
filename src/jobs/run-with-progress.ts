import type { StartProgress } from '../base/progress-display.js';
import type { Executor, RunOptions } from './executor.js';
import type { Job, JobOutcome, JobRun } from './job.js';

/** How a command runs its lists of jobs. */
export interface Execution {
  readonly executor: Executor;
  readonly signal: AbortSignal;
  readonly startProgress: StartProgress;
}

/** A list of jobs, and how its progress is counted. */
interface CountedJobs<Run extends JobRun, Result, Kept> extends Pick<RunOptions<Result, Kept>, 'keep'> {
  readonly label: string;
  /** Name of the list; the label where it is left out. */
  readonly name?: string;
  readonly jobs: readonly Job<Run>[];
  /** What a person counts, in the plural: `patients`. */
  readonly unit: string;
  /** How many of them a job is; one when left out. */
  readonly units?: (job: Job<Run>) => number;
}

/** Runs a list and shows its progress. @returns the outcomes in the order of the jobs */
export async function runWithProgress<Run extends JobRun, Result, Kept = Result>(
  { executor, signal, startProgress }: Execution,
  { label, name, jobs, unit, units = () => 1, keep }: CountedJobs<Run, Result, Kept>,
): Promise<readonly JobOutcome<Kept>[]> {
  const counts = new Map(jobs.map((job) => [job.id, units(job)]));
  const total = [...counts.values()].reduce((sum, one) => sum + one, 0);
  const progress = startProgress(label, total, { unit });
  const shares = new Map<string, number>();
  let done = 0;
  let news = '';
  const update = (text: string): void => progress.update(Math.min(total, done), text);
  const share = (id: string, of: number): void => {
    done += of - (shares.get(id) ?? 0);
    shares.set(id, of);
    update(news === '' ? id : news);
  };
  try {
    return await executor.run<Run, Result, Kept>(name ?? label, jobs, {
      signal,
      ...(keep === undefined ? {} : { keep }),
      onProgress: (id, part, of) => share(id, (counts.get(id)! * part) / of),
      onOutcome: ({ id }) => share(id, counts.get(id)!),
      onNews: (text) => {
        news = text;
        update(text);
      },
    });
  } finally {
    progress.end();
  }
}
