import { createProgress } from '../terminal/progress.js';
import type { Job, JobOutcome, JobRun } from './job.js';
import type { WorkOptions, Workplace } from './workplace.js';

/** A list with what its progress line says. */
export interface ShownWork<Run extends JobRun, Result, Kept>
  extends Pick<WorkOptions<Result, Kept>, 'signal' | 'keep'> {
  readonly label: string;
  /** Name of the list; the label where it is left out. */
  readonly name?: string;
  readonly jobs: readonly Job<Run>[];
  /** What a job counts for in the line. */
  readonly units: (job: Job<Run>) => number;
}

/** Works on a list with a progress line. @returns the outcomes in the order of the jobs */
export async function workWithProgress<Run extends JobRun, Result, Kept = Result>(
  place: Workplace,
  { label, name, jobs, units, signal, keep }: ShownWork<Run, Result, Kept>,
): Promise<readonly JobOutcome<Kept>[]> {
  const counts = new Map(jobs.map((job) => [job.id, units(job)]));
  const total = [...counts.values()].reduce((sum, one) => sum + one, 0);
  const progress = createProgress(label, total);
  const shares = new Map<string, number>();
  let done = 0;
  let news = '';
  const share = (id: string, of: number): void => {
    done += of - (shares.get(id) ?? 0);
    shares.set(id, of);
    progress.update(Math.min(total, Math.floor(done + 1e-6)), news === '' ? id : news);
  };
  try {
    return await place.work<Run, Result, Kept>(name ?? label, jobs, {
      signal,
      ...(keep === undefined ? {} : { keep }),
      onProgress: (id, part, of) => share(id, (counts.get(id)! * part) / of),
      onOutcome: ({ id }) => share(id, counts.get(id)!),
      onNews: (text) => {
        news = text;
        progress.update(Math.min(total, Math.floor(done + 1e-6)), text);
      },
    });
  } finally {
    progress.end();
  }
}
