import { setTimeout as wait } from 'node:timers/promises';
import { jobPaths } from '../job-folder.js';
import type { Round } from '../rounds.js';
import { readJournalFrom, type TaskLine } from '../task-journal.js';
import type { QueuedTask, Slurm } from './slurm.js';

/** The queue is asked after this at first, then less and less often: every question costs the controller. */
const firstPollMs = 500;
const lastPollMs = 10_000;
const slowing = 1.2;
/** What a task wrote last may be seen this much later than that it ended. */
export const usualSettleMs = 3000;

/** How a round is followed. */
interface FollowOptions {
  readonly slurm: Slurm;
  readonly folder: string;
  readonly round: number;
  readonly plan: Round;
  /** The number that Slurm gave it. */
  readonly job: string;
  readonly signal: AbortSignal;
  readonly settleMs: number;
  /** Called with each line that a task noted. */
  readonly onLine: (line: TaskLine) => Promise<void>;
  /** Called with how the tasks stand, in a few words. */
  readonly onNews: (text: string) => void;
  /** Whether there is nothing left to wait for. */
  readonly isOver: () => boolean;
  /** Called now and then; true leaves the round. */
  readonly isLeft: () => Promise<boolean>;
}

/** Follows a round until its last task has left the queue, everything is done, or it is left. */
export async function followRound(options: FollowOptions): Promise<void> {
  const { slurm, folder, round, plan, job, signal, settleMs, onLine, onNews, isOver, isLeft } = options;
  const read = new Map<number, number>();
  const closed = new Set<number>();
  const readTask = async (task: number): Promise<void> => {
    const { lines, to } = await readJournalFrom(jobPaths.journal(folder, round, task), read.get(task) ?? 0);
    read.set(task, to);
    for (const line of lines) await onLine(line);
  };
  let goneSince: number | undefined;
  for (let pause = firstPollMs; ; pause = Math.min(lastPollMs, pause * slowing)) {
    const queued = await slurm.queued(job);
    if (queued === null) onNews('no answer from Slurm');
    else {
      onNews(describeQueue(queued));
      const waiting = new Set(queued.filter(({ state }) => state === 'PENDING').map(({ task }) => task));
      const there = new Set(queued.map(({ task }) => task));
      for (const task of plan.tasks.keys()) {
        // A task that waits may have run before and been put back.
        if (
          closed.has(task) ||
          (waiting.has(task) && read.get(task) === undefined && goneSince === undefined)
        )
          continue;
        await readTask(task);
      }
      if (there.size > 0) goneSince = undefined;
      else {
        goneSince ??= performance.now();
        if (performance.now() - goneSince >= settleMs) return;
        pause = firstPollMs;
      }
    }
    if (isOver() || signal.aborted || (await isLeft())) return;
    await wait(pause, undefined, { signal }).catch(() => undefined);
  }
}

/** `12 running, 30 waiting (Priority)`. */
function describeQueue(queued: readonly QueuedTask[]): string {
  const waiting = queued.filter(({ state }) => state === 'PENDING');
  const reasons = [...new Set(waiting.map(({ reason }) => reason))].filter((reason) => reason !== 'None');
  const others = queued.length - waiting.length;
  return [
    ...(others > 0 ? [`${others} running`] : []),
    ...(waiting.length > 0
      ? [`${waiting.length} waiting${reasons.length > 0 ? ` (${reasons.slice(0, 2).join(', ')})` : ''}`]
      : []),
  ].join(', ');
}
