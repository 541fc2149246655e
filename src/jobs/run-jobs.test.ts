import { describe, expect, it } from 'vitest';
import { fail, stop } from '../base/errors.js';
import { attempt } from './attempt.js';
import { defaultWorkers } from './default-workers.js';
import type { Job, JobOutcome, JobRunner } from './job.js';
import { runJobs } from './run-jobs.js';

type Work = (signal: AbortSignal) => Promise<string>;

const jobs = ['a', 'b', 'c', 'd'].map((id): Job => ({ id, inputs: [], outputs: [], run: { kind: 'test' } }));
const idle = new AbortController().signal;

/** Runners that do what a table says; counts how many are open, and how many were. */
function runners(work: Readonly<Record<string, Work>>) {
  const seen = { open: 0, most: 0, closed: 0 };
  const start = (): JobRunner<Job['run'], string> => ({
    run: async ({ id }, { signal }) => {
      seen.most = Math.max(seen.most, ++seen.open);
      const outcome = await attempt(id, signal, () => work[id]!(signal));
      seen.open--;
      return outcome;
    },
    close: async () => void seen.closed++,
  });
  return { seen, start };
}

const say =
  (text: string): Work =>
  async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return text;
  };
const statuses = (outcomes: readonly JobOutcome<string>[]): string =>
  outcomes.map(({ id, status }) => `${id} ${status}`).join(', ');

describe('runJobs', () => {
  it('runs every job once, no more at a time than there are workers, and tells outcomes in the jobs’ order', async () => {
    const { seen, start } = runners({ a: say('1'), b: say('2'), c: say('3'), d: say('4') });
    const ended: string[] = [];
    const outcomes = await runJobs(jobs, {
      workers: 2,
      startRunner: start,
      signal: idle,
      onOutcome: ({ id }) => ended.push(id),
    });
    expect(outcomes).toMatchObject([{ result: '1' }, { result: '2' }, { result: '3' }, { result: '4' }]);
    expect(ended.sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(seen).toEqual({ open: 0, most: 2, closed: 2 });
  });

  it('records a failure and goes on', async () => {
    const broken: Work = async () => fail('bad-file', { where: 'b.nii', expected: 'an image', got: 'none' });
    const { start } = runners({ a: say('1'), b: broken, c: say('3'), d: say('4') });
    const outcomes = await runJobs(jobs, { workers: 1, startRunner: start, signal: idle });
    expect(statuses(outcomes)).toBe('a done, b failed, c done, d done');
    expect(outcomes[1]).toMatchObject({
      failure: { message: 'b.nii: expected an image, got none.', fatal: false },
    });
  });

  it.each([
    ['a file server that does not answer', 'ETIMEDOUT', true],
    ['a file that is gone', 'ENOENT', undefined],
  ])('says whether another attempt may go well: %s', async (_, code, expected) => {
    const cause = Object.assign(new TypeError('reading'), { code });
    const { start } = runners({
      a: async () => fail('io', { where: 'a', expected: 'a file', got: code }, { cause }),
    });
    const [outcome] = await runJobs(jobs.slice(0, 1), { workers: 1, startRunner: start, signal: idle });
    expect(outcome?.status === 'failed' && outcome.failure.transient).toBe(expected);
  });

  it('stops at a failure that every job would meet, such as a full disk', async () => {
    const full: Work = async () => {
      const cause = Object.assign(new TypeError('no space'), { code: 'ENOSPC' });
      return fail('io', { where: 'out', expected: 'to write', got: 'no space left' }, { cause });
    };
    const { start } = runners({ a: say('1'), b: full, c: say('3'), d: say('4') });
    const outcomes = await runJobs(jobs, { workers: 1, startRunner: start, signal: idle });
    expect(statuses(outcomes)).toBe('a done, b failed, c stopped, d stopped');
  });

  it('lets a running job end early and begins no other when asked to stop', async () => {
    const abort = new AbortController();
    const interrupted: Work = async (signal) => {
      abort.abort();
      await new Promise((resolve) => setImmediate(resolve));
      return signal.aborted ? stop({ where: 'b' }) : 'whole';
    };
    const { seen, start } = runners({ a: say('1'), b: interrupted, c: say('3'), d: say('4') });
    const outcomes = await runJobs(jobs, { workers: 1, startRunner: start, signal: abort.signal });
    expect(statuses(outcomes)).toBe('a done, b stopped, c stopped, d stopped');
    expect(seen.closed).toBe(1);
  });
});

describe('defaultWorkers', () => {
  it.each([
    ['one a core', 1e6, 100, 4, 64e9, 4],
    ['as far as memory goes', 400e6, 100, 8, 8e9, 2],
    ['no more than jobs', 1e6, 3, 8, 64e9, 3],
    ['at least one', 400e6, 100, 8, 1e9, 1],
  ])('are %s', (_, modelBytes, count, cores, freeBytes, expected) => {
    expect(defaultWorkers(modelBytes, count, cores, freeBytes)).toBe(expected);
  });
});
