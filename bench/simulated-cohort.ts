import type { Random } from '../src/base/random.js';
import {
  type FailedAttempt,
  nextStep,
  planTasks,
  type RetryLimits,
  sizesOf,
  type TaskSizes,
} from '../src/jobs/retry-policy.js';

/** What goes wrong in a simulated cluster, and how long things take. Times are in seconds. */
export interface SimulatedCluster {
  /** Tasks that run at once. */
  readonly places: number;
  /** Before a task does its first job: the scheduler, the program, loading the model. */
  readonly startSeconds: number;
  /** Median of a job; the others lie around it log-normally with this spread of the logarithm. */
  readonly jobSeconds: number;
  readonly jobSpread: number;
  /** Share of jobs that take longer by a factor, as on a slow disk. */
  readonly stragglers: readonly { readonly share: number; readonly factor: number }[];
  /** Mean time between failures of what a task runs on; the scheduler starts the task again. */
  readonly machineFailsEvery: number;
  /** Mean time between preemptions of a task. */
  readonly preemptedEvery: number;
  /** Until a task that was put back runs again. */
  readonly requeueSeconds: number;
  /** Share of attempts that fail for a reason that passes. */
  readonly transient: number;
  /** Shares of jobs: a broken file; one that breaks its process; one that brings its whole task down. */
  readonly broken: number;
  readonly breaksProcess: number;
  readonly breaksTask: number;
}

/** How a simulated list came to its end. */
interface SimulatedEnd {
  readonly hours: number;
  /** Task time that led to nothing: starts, attempts that were lost. */
  readonly wastedShare: number;
  readonly rounds: number;
  /** Starts of tasks, over all rounds. */
  readonly starts: number;
  readonly done: number;
  /** Given up although nothing was wrong with them. */
  readonly innocent: number;
  /** Jobs that had an end, in [hours, share], along the time. */
  readonly course: readonly (readonly [number, number])[];
}

/** What decides; the code's own, or another to compare it with. */
export interface SimulatedPolicy {
  readonly nextStep: typeof nextStep;
  readonly sizesOf: typeof sizesOf;
}

type Nature = 'sound' | 'broken' | 'breaks-process' | 'breaks-task';

/** Runs a list of jobs through rounds as `slurmExecutor` does, with its own retry policy, in simulated time. */
export function simulateCohort(
  count: number,
  cluster: SimulatedCluster,
  limits: RetryLimits,
  sizes: TaskSizes,
  random: Random,
  policy: SimulatedPolicy = { nextStep, sizesOf },
): SimulatedEnd {
  const natures = Array.from({ length: count }, () => natureOf(cluster, random));
  const failedAttempts: FailedAttempt[][] = Array.from({ length: count }, () => []);
  const ends: number[] = [];
  const [done, over] = [new Set<number>(), new Set<number>()];
  let [clock, useful, spent, starts, rounds] = [0, 0, 0, 0, 0];
  let [shared, alone]: [number[], number[]] = [Array.from({ length: count }, (_, i) => i), []];

  const finish = (index: number, at: number, well: boolean): void => {
    over.add(index);
    if (well) done.add(index);
    ends.push(at);
  };

  /** One task from its start to its last end. @returns when its place is free */
  const runTask = (jobs: readonly number[], begun: number): number => {
    let at = begun;
    const waiting = [...jobs];
    const start = (): void => {
      starts++;
      at += cluster.startSeconds;
      spent += cluster.startSeconds;
    };
    start();
    let failure = at + exponential(cluster.machineFailsEvery, random);
    let preemption = at + exponential(cluster.preemptedEvery, random);
    while (waiting.length > 0) {
      const index = waiting[0]!;
      // A task that starts again gives up by itself what was lost too often.
      if (policy.nextStep(failedAttempts[index]!, limits) === 'give-up') {
        finish(index, at, false);
        waiting.shift();
        continue;
      }
      const length = lengthOf(cluster, random);
      const nature = natures[index]!;
      const end = at + (nature === 'sound' ? length : length * random.uniform());
      const stop = Math.min(failure, preemption);
      if (stop < end) {
        failedAttempts[index]!.push(failure < preemption ? 'lost' : 'stopped');
        spent += stop - at;
        at = stop + cluster.requeueSeconds;
        start();
        failure = at + exponential(cluster.machineFailsEvery, random);
        preemption = at + exponential(cluster.preemptedEvery, random);
        continue;
      }
      waiting.shift();
      spent += end - at;
      at = end;
      if (nature === 'breaks-task') {
        failedAttempts[index]!.push('lost');
        for (const other of waiting) failedAttempts[other]!.push('unbegun');
        return at;
      }
      if (nature === 'broken') {
        failedAttempts[index]!.push('failed');
        finish(index, at, false);
      } else if (nature === 'breaks-process' || random.uniform() < cluster.transient) {
        failedAttempts[index]!.push('transient');
      } else {
        useful += length;
        finish(index, at, true);
      }
    }
    return at;
  };

  while (shared.length + alone.length > 0) {
    rounds++;
    const free = new Float64Array(cluster.places).fill(clock);
    for (const task of planTasks(shared, alone, policy.sizesOf(rounds, sizes))) {
      const place = earliest(free);
      free[place] = runTask(task, free[place]!);
    }
    clock = Math.max(...free);
    const left = [...shared, ...alone].filter((index) => !over.has(index)).sort((a, b) => a - b);
    const steps = left.map((index) => ({ index, step: policy.nextStep(failedAttempts[index]!, limits) }));
    for (const { index, step } of steps) if (step === 'give-up') finish(index, clock, false);
    shared = steps.filter(({ step }) => step === 'again').map(({ index }) => index);
    alone = steps.filter(({ step }) => step === 'alone').map(({ index }) => index);
  }
  ends.sort((a, b) => a - b);
  const course = Array.from({ length: 201 }, (_, i): [number, number] => {
    const seconds = (clock * i) / 200;
    return [seconds / 3600, ends.filter((end) => end <= seconds).length / count];
  });
  const innocent = [...over].filter((index) => !done.has(index) && natures[index] === 'sound').length;
  const wastedShare = 1 - useful / spent;
  return { hours: clock / 3600, wastedShare, rounds, starts, done: done.size, innocent, course };
}

function natureOf({ broken, breaksProcess, breaksTask }: SimulatedCluster, random: Random): Nature {
  const draw = random.uniform();
  if (draw < broken) return 'broken';
  if (draw < broken + breaksProcess) return 'breaks-process';
  return draw < broken + breaksProcess + breaksTask ? 'breaks-task' : 'sound';
}

function lengthOf({ jobSeconds, jobSpread, stragglers }: SimulatedCluster, random: Random): number {
  const usual = jobSeconds * Math.exp(jobSpread * random.normal());
  let draw = random.uniform();
  for (const { share, factor } of stragglers) {
    if (draw < share) return usual * factor;
    draw -= share;
  }
  return usual;
}

function exponential(mean: number, random: Random): number {
  return -mean * Math.log(1 - random.uniform());
}

function earliest(free: Float64Array): number {
  let best = 0;
  for (let i = 1; i < free.length; i++) if (free[i]! < free[best]!) best = i;
  return best;
}
