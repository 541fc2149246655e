import { describe, expect, it } from 'vitest';
import { type FailedAttempt, nextStep, planTasks, sizesOf } from './retry-policy.js';

const limits = { attempts: 3, stops: 2 };

describe('nextStep', () => {
  it.each<[string, FailedAttempt[], string]>([
    ['again at first', [], 'again'],
    ['not again what a job itself said was wrong', ['failed'], 'give-up'],
    ['again what may pass', ['transient', 'transient'], 'again'],
    ['as often as its limit allows', ['transient', 'transient', 'transient'], 'give-up'],
    ['alone what was lost', ['lost'], 'alone'],
    ['alone from then on', ['lost', 'stopped'], 'alone'],
    ['lost and failed counted together', ['lost', 'transient', 'lost'], 'give-up'],
    [
      'again what was preempted, without counting it as an attempt',
      ['stopped', 'stopped', 'transient'],
      'again',
    ],
    ['preempted not for ever', ['stopped', 'stopped', 'stopped'], 'give-up'],
    ['again what never came to its turn', ['unbegun', 'unbegun'], 'again'],
  ])('tries %s', (_, failedAttempts, expected) => {
    expect(nextStep(failedAttempts, limits)).toBe(expected);
  });
});

describe('planTasks', () => {
  const jobs = Array.from({ length: 10 }, (_, i) => i);

  it('gives tasks as many jobs as its limit allows', () => {
    expect(planTasks(jobs, [], { tasks: 100, jobsPerTask: 4 })).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
  });

  it('gives them more where there would be too many tasks', () => {
    expect(planTasks(jobs, [], { tasks: 3, jobsPerTask: 1 }).map((one) => one.length)).toEqual([4, 4, 2]);
  });

  it('leaves alone what stands alone, as far as there are tasks', () => {
    expect(planTasks([5, 6], [1, 2], { tasks: 10, jobsPerTask: 4 })).toEqual([[1], [2], [5, 6]]);
    expect(planTasks([5, 6], [1, 2, 3], { tasks: 2, jobsPerTask: 1 })).toEqual([[1], [2, 3, 5, 6]]);
    expect(planTasks([], [1, 2, 3], { tasks: 3, jobsPerTask: 9 })).toEqual([[1], [2], [3]]);
  });

  it('makes smaller tasks of what is left', () => {
    const sizes = { tasks: 50, jobsPerTask: 35 };
    expect(sizesOf(1, sizes)).toEqual(sizes);
    expect(sizesOf(2, sizes)).toEqual({ tasks: 50, jobsPerTask: 4 });
    expect(sizesOf(3, { tasks: 1, jobsPerTask: 1 })).toEqual({ tasks: 1, jobsPerTask: 1 });
  });

  it.each([
    [1, 7],
    [3, 1],
    [100, 3],
  ])('loses no job and makes no more than %d tasks of %d', (tasks, jobsPerTask) => {
    const plan = planTasks(jobs, [20, 21, 22], { tasks, jobsPerTask });
    expect(plan.length).toBeLessThanOrEqual(tasks);
    expect(plan.flat().sort((a, b) => a - b)).toEqual([...jobs, 20, 21, 22]);
  });
});
