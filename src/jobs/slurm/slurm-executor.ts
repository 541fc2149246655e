import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { shellWord } from '../../base/shell-word.js';
import type { Executor, RunOptions } from '../executor.js';
import { givenUp } from '../given-up.js';
import type { Job, JobOutcome, JobRun } from '../job.js';
import { jobPaths } from '../job-folder.js';
import { type JobListRecord, openJobList } from '../job-list.js';
import { outputsAreThere, readOutcome, type StoredOutcome, writeOutcome } from '../outcome-file.js';
import { nextStep, planTasks, sizesOf } from '../retry-policy.js';
import { cancelledAt, latestRound, readRound } from '../rounds.js';
import { writeState } from '../state-file.js';
import { followRound, usualSettleMs } from './follow-round.js';
import { historyOf, refuseIdle } from './list-history.js';
import type { SlurmProfile } from './profile.js';
import type { Slurm } from './slurm.js';
import { findSubmitted, submitRound } from './submit-round.js';

/** How lists run in a Slurm cluster. */
interface SlurmExecutorOptions {
  readonly slurm: Slurm;
  readonly profile: SlurmProfile;
  /** The folder that holds the lists of one output. */
  readonly parent: string;
  readonly about: Pick<JobListRecord, 'command' | 'codeVersion'>;
  /** Jobs in a task where the profile does not say. */
  readonly jobsPerTask: number;
  /** How long to wait for a task's last words; tests need not. */
  readonly settleMs?: number;
  /** Tells the person where the work is. */
  readonly say: (text: string) => void;
}

/** Lists as job arrays of a Slurm cluster; see docs/cluster.md. Everything that matters is in files: whoever comes goes on. */
export function slurmExecutor(cluster: SlurmExecutorOptions): Executor {
  const folders: string[] = [];
  return {
    threads: Math.max(1, Math.floor(cluster.profile.cpus / cluster.profile.workers)),
    run: async <Run extends JobRun, Result, Kept>(
      name: string,
      jobs: readonly Job<Run>[],
      options: RunOptions<Result, Kept>,
    ) => {
      if (jobs.length === 0) return [];
      const folder = await openJobList(cluster.parent, name, jobs, cluster.about);
      folders.push(folder);
      return runInRounds(cluster, folder, jobs, options);
    },
    finalise: async () => {
      for (const folder of folders)
        await writeState(jobPaths.finalised(folder), { at: new Date().toISOString() });
    },
  };
}

async function runInRounds<Result, Kept>(
  { slurm, profile, say, jobsPerTask, settleMs = usualSettleMs }: SlurmExecutorOptions,
  folder: string,
  jobs: readonly Job[],
  { signal, keep, onOutcome, onProgress, onNews }: RunOptions<Result, Kept>,
): Promise<readonly JobOutcome<Kept>[]> {
  const outcomes = new Map<number, JobOutcome<Kept>>();
  const take = async (index: number, outcome: JobOutcome): Promise<void> => {
    const come = outcome as JobOutcome<Result>;
    const kept = keep === undefined ? (come as unknown as JobOutcome<Kept>) : await keep(come);
    outcomes.set(index, kept);
    onOutcome?.(kept);
  };
  /** Takes a stored outcome if it is the last word. @returns what is stored */
  const look = async (index: number): Promise<StoredOutcome | undefined> => {
    if (outcomes.has(index)) return undefined;
    const stored = await readOutcome(jobPaths.outcome(folder, index));
    if (stored === undefined) return undefined;
    const { outcome, head } = stored;
    if (outcome.status === 'done' ? await outputsAreThere(head) : isForGood(outcome))
      await take(index, outcome);
    return stored;
  };
  const unfinished = (): number[] => [...jobs.keys()].filter((index) => !outcomes.has(index));

  // Whoever calls the command again goes on with what was cancelled.
  const pardoned = await cancelledAt(folder);
  const isCancelled = async (): Promise<boolean> => {
    const at = await cancelledAt(folder);
    return at !== undefined && at !== pardoned;
  };
  const seen = new Map<number, string>();
  let idleRounds = 0;
  for (let first = true; ; first = false) {
    // 1. What is known already
    const there = new Set(first ? await storedIndices(folder) : []);
    for (const index of unfinished()) {
      const stored = !first || there.has(index) ? await look(index) : undefined;
      // What stopped an earlier call is tried again: a person has seen to it since.
      if (first && stored !== undefined) seen.set(index, stored.head.ended);
    }
    const round = await latestRound(folder);

    // 2. What is under way
    let followed = false;
    if (round > 0 && outcomes.size < jobs.length && !signal.aborted) {
      const job = await findSubmitted(slurm, folder, round);
      const plan = await readRound(folder, round);
      if (job === null) {
        await wait(2000, undefined, { signal }).catch(() => undefined);
        if (!signal.aborted) continue;
      } else if (job !== undefined && plan !== undefined) {
        const left = unfinished().length;
        say(`Slurm job ${job}: ${plan.tasks.length} tasks, ${left} of ${jobs.length} jobs to do`);
        say(`  to go on after this shell is closed: utad jobs resume ${shellWord(folder)}`);
        await followRound({
          slurm,
          folder,
          round,
          plan,
          job,
          signal,
          settleMs,
          onLine: async (line) => {
            if ('end' in line) await look(line.end);
            if ('step' in line && !outcomes.has(line.step))
              onProgress?.(jobs[line.step]!.id, line.done, line.total);
          },
          onNews: (text) => onNews?.(text),
          isOver: () => outcomes.size === jobs.length,
          isLeft: isCancelled,
        });
        followed = true;
      }
    }
    if (signal.aborted) {
      say(
        `The jobs go on in Slurm: utad jobs resume ${shellWord(folder)} waits for them, utad jobs cancel ends them`,
      );
      break;
    }

    // 3. What is left, and what becomes of it
    const stored = new Map<number, StoredOutcome | undefined>();
    for (const index of unfinished()) stored.set(index, await look(index));
    const left = unfinished();
    if (left.length === 0) break;
    const fatal = left.some((index) => {
      const { outcome, head } = stored.get(index) ?? {};
      return outcome?.status === 'failed' && outcome.failure.fatal && head?.ended !== seen.get(index);
    });
    if (followed && fatal) {
      // Every other job would fail alike: a person has to see to it first.
      for (const index of left) {
        const outcome = stored.get(index)?.outcome;
        if (outcome?.status === 'failed') await take(index, outcome);
      }
      break;
    }
    if (await isCancelled()) break;
    const history = await historyOf(folder, left);
    if (followed) {
      idleRounds = history.begunInLast ? 0 : idleRounds + 1;
      if (idleRounds >= 2) await refuseIdle(folder, round);
    }
    const steps = left.map((index) => ({
      index,
      step: nextStep(history.failedAttempts.get(index) ?? [], profile),
    }));
    for (const { index, step } of steps) {
      if (step !== 'give-up') continue;
      const own = stored.get(index)?.outcome;
      const given = givenUp(jobs[index]!, history.failedAttempts.get(index) ?? [], join(folder, 'logs'));
      const outcome = own?.status === 'failed' ? own : given;
      if (own?.status !== 'failed')
        await writeOutcome(jobPaths.outcome(folder, index), jobs[index]!, given, {
          round,
          machine: hostname(),
        });
      await take(index, outcome);
    }
    const shared = steps.filter(({ step }) => step === 'again').map(({ index }) => index);
    const alone = steps.filter(({ step }) => step === 'alone').map(({ index }) => index);
    if (shared.length + alone.length === 0) break;

    // 4. The next round
    const usual = { tasks: profile.tasks, jobsPerTask: profile.jobsPerTask ?? jobsPerTask };
    const sizes = sizesOf(round + 1, usual);
    await submitRound(slurm, folder, round + 1, planTasks(shared, alone, sizes), profile);
  }
  return jobs.map(({ id }, index) => outcomes.get(index) ?? { id, status: 'stopped' });
}

/** Whether a failure would be the same at another attempt. */
function isForGood(outcome: JobOutcome): boolean {
  return outcome.status === 'failed' && !outcome.failure.transient && !outcome.failure.fatal;
}

/** Jobs of which an outcome is stored: one listing instead of a look for each. */
async function storedIndices(folder: string): Promise<number[]> {
  const names = await readdir(jobPaths.outcomes(folder), { recursive: true });
  return names.flatMap((name) => /(\d+)\.outcome$/.exec(name)?.[1] ?? []).map(Number);
}
