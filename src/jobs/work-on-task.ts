import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fail } from '../base/errors.js';
import { createRandom } from '../base/random.js';
import { givenUp } from './given-up.js';
import type { JobOutcome, JobRunner } from './job.js';
import { jobPaths } from './job-folder.js';
import { readJobs } from './job-list.js';
import { changedOutputs, readOutcome, writeOutcome } from './outcome-file.js';
import { nextStep } from './retry-policy.js';
import { readRound } from './rounds.js';
import { runJobs } from './run-jobs.js';
import { failedAttemptsIn, noteInJournal, readJournalFrom, type TaskLine } from './task-journal.js';

/** Steps of a job are noted no more often than this. */
const noteEveryMs = 5000;

/** Which task to do, and the signal that ends it. */
interface TaskRequest {
  readonly folder: string;
  readonly round: number;
  readonly task: number;
  readonly signal: AbortSignal;
  /** Starts what does the jobs. */
  readonly startRunner: () => JobRunner;
}

/**
 * Does the jobs of one task of a round that are not done yet, and stores each outcome in a file of its own. Called
 * again after it was killed, preempted or requeued, it goes on.
 *
 * @returns whether nothing is left to do
 * @throws UtadError not-found when there is no such task.
 */
export async function workOnTask({
  folder,
  round,
  task,
  signal,
  startRunner,
}: TaskRequest): Promise<boolean> {
  const plan = await readRound(folder, round);
  const indices = plan?.tasks[task];
  if (plan === undefined || indices === undefined)
    return fail('not-found', { where: folder, expected: `task ${task} of round ${round}`, got: 'none' });
  await wait(1000 * plan.jitterSeconds * createRandom('jitter', folder, round, task).uniform(), undefined, {
    signal,
  }).catch(() => undefined);

  const journal = jobPaths.journal(folder, round, task);
  const { lines } = await readJournalFrom(journal, 0);
  const note = (line: TaskLine): Promise<void> => noteInJournal(journal, line);
  const jobs = new Map((await readJobs(folder, indices)).map((job, i) => [indices[i]!, job]));
  const waiting: number[] = [];
  for (const index of indices) {
    const how = await endOf(folder, index, round);
    const job = jobs.get(index)!;
    if (how !== undefined) {
      // Also where a killed task had no time to note it.
      await note({ end: index, how });
    } else if (nextStep(failedAttemptsIn(lines, index), plan) === 'give-up') {
      const given = givenUp(job, failedAttemptsIn(lines, index), jobPaths.log(folder, round, task));
      await writeOutcome(jobPaths.outcome(folder, index), job, given, { round, machine: hostname() });
      await note({ end: index, how: 'failed' });
    } else waiting.push(index);
  }

  const indexOf = new Map(waiting.map((index) => [jobs.get(index)!.id, index]));
  const noted = new Map<string, number>();
  const outcomes = await runJobs(
    waiting.map((index) => jobs.get(index)!),
    {
      workers: plan.workers,
      startRunner,
      signal,
      onBegin: (id) => note({ begin: indexOf.get(id)! }),
      onProgress: (id, done, total) => {
        if (performance.now() - (noted.get(id) ?? 0) < noteEveryMs) return;
        noted.set(id, performance.now());
        // A step that cannot be noted is no reason to stop.
        void note({ step: indexOf.get(id)!, done, total }).catch(() => undefined);
      },
      keep: async (outcome) => {
        const index = indexOf.get(outcome.id)!;
        if (outcome.status !== 'stopped') {
          const where = { round, machine: hostname() };
          await writeOutcome(jobPaths.outcome(folder, index), jobs.get(index)!, outcome, where);
        }
        await note({ end: index, how: howOf(outcome) });
        // What is stored need not be held.
        return outcome.status === 'done' ? { ...outcome, result: undefined } : outcome;
      },
    },
  );
  return outcomes.every(({ status }) => status !== 'stopped');
}

/** How a job ended already: well at any time, or in this round for good. */
async function endOf(folder: string, index: number, round: number): Promise<'done' | 'failed' | undefined> {
  const stored = await readOutcome(jobPaths.outcome(folder, index));
  if (stored === undefined) return undefined;
  if (stored.outcome.status === 'done')
    return (await changedOutputs(stored.head)).length === 0 ? 'done' : undefined;
  const again =
    stored.outcome.status === 'failed' && (stored.outcome.failure.transient ?? stored.outcome.failure.fatal);
  return stored.head.round === round && !again ? 'failed' : undefined;
}

/** The word of the journal for an outcome. */
function howOf(outcome: JobOutcome): 'done' | 'failed' | 'transient' | 'fatal' | 'stopped' {
  if (outcome.status !== 'failed') return outcome.status;
  if (outcome.failure.fatal) return 'fatal';
  return outcome.failure.transient ? 'transient' : 'failed';
}
