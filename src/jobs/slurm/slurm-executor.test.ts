import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobOutcome } from '../job.js';
import { jobPaths } from '../job-folder.js';
import { readJobs } from '../job-list.js';
import { writeOutcome } from '../outcome-file.js';
import { readRound } from '../rounds.js';
import { noteInJournal } from '../task-journal.js';
import { slurmProfileSchema } from './profile.js';
import type { Slurm } from './slurm.js';
import { slurmExecutor } from './slurm-executor.js';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'utad-rounds-'));
});
afterEach(() => rm(parent, { recursive: true }));

const jobs = ['a', 'b', 'c', 'd'].map((id): Job => ({ id, inputs: [], outputs: [], run: { kind: 'x' } }));

type Fate = 'done' | 'failed' | 'transient' | 'fatal' | 'lost';

/** A Slurm whose tasks are over as soon as they are submitted; what becomes of a job is said by a table, round by round. */
function slurmOf(fates: Readonly<Record<string, readonly Fate[]>>, begins = true) {
  const submitted: string[][][] = [];
  const runTask = async (
    folder: string,
    round: number,
    task: number,
    indices: readonly number[],
  ): Promise<void> => {
    const own = await readJobs(folder, indices);
    for (const [i, job] of own.entries()) {
      const index = indices[i]!;
      const all = fates[job.id] ?? ['done'];
      const fate = all[Math.min(round, all.length) - 1]!;
      const journal = jobPaths.journal(folder, round, task);
      await noteInJournal(journal, { begin: index });
      if (fate === 'lost') return;
      const failure = {
        message: `${job.id}: ${fate}`,
        fatal: fate === 'fatal',
        ...(fate === 'transient' ? { transient: true as const } : {}),
      };
      const outcome: Exclude<JobOutcome, { status: 'stopped' }> =
        fate === 'done'
          ? { id: job.id, status: 'done', seconds: 1, result: round }
          : { id: job.id, status: 'failed', seconds: 1, failure };
      await writeOutcome(jobPaths.outcome(folder, index), job, outcome, { round, machine: 'm' });
      await noteInJournal(journal, { end: index, how: fate });
    }
  };
  const slurm: Slurm = {
    submit: async (script) => {
      const [folder, round] = [dirname(dirname(script)), submitted.length + 1];
      const { tasks } = (await readRound(folder, round))!;
      const names = await Promise.all(
        tasks.map(async (of) => (await readJobs(folder, of)).map(({ id }) => id)),
      );
      submitted.push(names);
      if (begins) for (const [task, of] of tasks.entries()) await runTask(folder, round, task, of);
      return String(round);
    },
    queued: async () => [],
    named: async () => [],
    cancel: async () => undefined,
    requeue: async () => undefined,
  };
  return { slurm, submitted };
}

async function work(slurm: Slurm): Promise<readonly JobOutcome<number>[]> {
  const executor = slurmExecutor({
    slurm,
    profile: slurmProfileSchema.parse({ jobsPerTask: 2 }),
    parent,
    about: { command: { arguments: ['x'], folder: '/' }, codeVersion: '1' },
    jobsPerTask: 10,
    settleMs: 0,
    say: () => undefined,
  });
  return executor.run<Job['run'], number>('work', jobs, { signal: new AbortController().signal });
}

const described = (outcomes: readonly JobOutcome<number>[]): string =>
  outcomes.map((one) => `${one.id} ${one.status}${one.status === 'done' ? ` ${one.result}` : ''}`).join(', ');

describe('a list in a Slurm', () => {
  it('is tried again where that may help, and not where it does not', async () => {
    const { slurm, submitted } = slurmOf({ a: ['transient', 'done'], c: ['failed'] });
    const outcomes = await work(slurm);
    expect(described(outcomes)).toBe('a done 2, b done 1, c failed, d done 1');
    expect(submitted).toEqual([
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
      [['a']],
    ]);
  });

  it('gives a lost job a task of its own, and its place in the task to the next', async () => {
    const { slurm, submitted } = slurmOf({ a: ['lost'] });
    const outcomes = await work(slurm);
    expect(described(outcomes)).toBe('a failed, b done 2, c done 1, d done 1');
    expect(submitted.slice(1)).toEqual([[['a'], ['b']], [['a']]]);
    const [a] = outcomes;
    expect(a?.status === 'failed' && a.failure.message).toMatch(
      /^a: expected to end, got 3× begun and never ended \(its machine failed, .*\)\. See .*logs\.$/,
    );
  });

  it('stops where every job would fail alike, and goes on when it is called again', async () => {
    const { slurm, submitted } = slurmOf({ b: ['fatal', 'done'], c: ['lost', 'done'] });
    expect(described(await work(slurm))).toBe('a done 1, b failed, c stopped, d stopped');
    expect(submitted).toHaveLength(1);
    expect(described(await work(slurm))).toBe('a done 1, b done 2, c done 2, d done 2');
  });

  it('is taken up by whoever comes next, with what is done already', async () => {
    const { slurm, submitted } = slurmOf({});
    await work(slurm);
    expect(described(await work(slurm))).toBe('a done 1, b done 1, c done 1, d done 1');
    expect(submitted).toHaveLength(1);
  });

  it('ends when tasks end before they begin', async () => {
    const { slurm, submitted } = slurmOf({}, false);
    await expect(work(slurm)).rejects.toThrow(/in two rounds no task began its job/);
    expect(submitted).toHaveLength(2);
  });

  it('leaves the round free for another try when Slurm does not take it', async () => {
    const { slurm } = slurmOf({});
    const refuses = async (): Promise<string> => Promise.reject(new TypeError('invalid partition'));
    await expect(work({ ...slurm, submit: refuses })).rejects.toThrow('invalid partition');
    expect(await readdir(join(parent, 'work-1/rounds'))).toEqual([]);
    expect(described(await work(slurm))).toBe('a done 1, b done 1, c done 1, d done 1');
  });
});
