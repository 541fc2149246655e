/**
 * How an attempt at a job failed.
 *
 * - `failed`: the job itself said why, and would say it again: a broken file
 * - `transient`: it failed for a reason that may pass: a file server that did not answer, a process that was killed
 * - `lost`: it was begun and never ended: its machine failed, or its whole task was killed
 * - `stopped`: it was asked to stop and did so in order: preempted, or out of time
 * - `unbegun`: its task ended before its turn came
 */
export type FailedAttempt = 'failed' | 'transient' | 'lost' | 'stopped' | 'unbegun';

/** How often a job is tried. */
export interface RetryLimits {
  /** Attempts that may come to nothing by themselves, `transient` or `lost`. */
  readonly attempts: number;
  /** Times that it may be asked to stop, or not come to its turn: that is not its fault, and long work gets on. */
  readonly stops: number;
}

/** What becomes of a job that is not done: another attempt, another one where it can harm no other job, or none. */
type NextStep = 'again' | 'alone' | 'give-up';

/**
 * What to do with a job after its failed attempts so far, oldest first.
 *
 * A job whose attempt was lost may have brought down its task, by taking all memory say: it is tried alone from
 * then on, so that it takes no others with it again.
 */
export function nextStep(
  failedAttempts: readonly FailedAttempt[],
  { attempts, stops }: RetryLimits,
): NextStep {
  const count = (...kinds: FailedAttempt[]): number =>
    failedAttempts.filter((one) => kinds.includes(one)).length;
  if (failedAttempts.at(-1) === 'failed' || count('transient', 'lost') >= attempts) return 'give-up';
  if (count('stopped', 'unbegun') > stops) return 'give-up';
  return count('lost') > 0 ? 'alone' : 'again';
}

/** How jobs are spread over the tasks of an array. */
export interface TaskSizes {
  /** The most tasks. */
  readonly tasks: number;
  /** Jobs in a task, unless that makes too many tasks. */
  readonly jobsPerTask: number;
}

/** Tasks of later rounds are this much smaller. */
const laterShare = 10;

/**
 * Sizes of a round's tasks. What is left after the first round is little: in tasks of the same size it would be done
 * by few places while all others are idle, and take as long as the first round did.
 *
 * @param round from 1
 */
export function sizesOf(round: number, { tasks, jobsPerTask }: TaskSizes): TaskSizes {
  return { tasks, jobsPerTask: round === 1 ? jobsPerTask : Math.ceil(jobsPerTask / laterShare) };
}

/**
 * Jobs of each task of a round: those that stand alone first, then the others in their order.
 *
 * @param jobs indices of the jobs
 * @param alone indices of those that share a task with no other, as far as there are tasks
 */
export function planTasks(
  jobs: readonly number[],
  alone: readonly number[],
  { tasks, jobsPerTask }: TaskSizes,
): readonly (readonly number[])[] {
  const room = Math.max(0, tasks - (jobs.length > 0 ? 1 : 0));
  const single = alone.slice(0, room).map((index) => [index]);
  const shared = [...alone.slice(room), ...jobs];
  const left = Math.max(1, tasks - single.length);
  const size = Math.max(jobsPerTask, Math.ceil(shared.length / left));
  const groups = Array.from({ length: Math.ceil(shared.length / size) }, (_, task) =>
    shared.slice(task * size, (task + 1) * size),
  );
  return [...single, ...groups];
}
