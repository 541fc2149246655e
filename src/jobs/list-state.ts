import { readdir } from 'node:fs/promises';
import { jobPaths } from './job-folder.js';
import { isFinalised, readJobs } from './job-list.js';
import { changedOutputs, type OutcomeHead, readOutcome } from './outcome-file.js';
import { cancelledAt, latestRound, submittedAs } from './rounds.js';

/** How a list stands. */
export interface ListState {
  readonly done: readonly OutcomeHead[];
  readonly failed: readonly OutcomeHead[];
  /** Names of jobs of which nothing whole is stored. */
  readonly open: readonly string[];
  readonly round: number;
  /** Number of the latest round in Slurm. */
  readonly slurmJob: string | undefined;
  readonly state: 'finalised' | 'cancelled' | 'unfinished';
}

/** Reads how a list stands from its files. */
export async function readListState(folder: string, count: number): Promise<ListState> {
  const names = await readdir(jobPaths.outcomes(folder), { recursive: true }).catch(() => []);
  const indices = names.flatMap((name) => /(\d+)\.outcome$/.exec(name)?.[1] ?? []).map(Number);
  const heads: OutcomeHead[] = [];
  const known = new Set<number>();
  for (const index of indices.sort((a, b) => a - b)) {
    const stored = await readOutcome(jobPaths.outcome(folder, index));
    if (stored === undefined) continue;
    heads.push(stored.head);
    known.add(index);
  }
  const left = Array.from({ length: count }, (_, index) => index).filter((index) => !known.has(index));
  const round = await latestRound(folder);
  return {
    done: heads.filter(({ status }) => status === 'done'),
    failed: heads.filter(({ status }) => status === 'failed'),
    open: (await readJobs(folder, left)).map(({ id }) => id),
    round,
    slurmJob: round === 0 ? undefined : await submittedAs(folder, round),
    state: (await isFinalised(folder))
      ? 'finalised'
      : (await cancelledAt(folder)) === undefined
        ? 'unfinished'
        : 'cancelled',
  };
}

/** Every output that is not as it was written, by reading all of them. */
export async function changedIn(heads: readonly OutcomeHead[]): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const head of heads) changed.push(...(await changedOutputs(head)));
  return changed;
}
