import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobOutcome } from './job.js';
import { jobPaths } from './job-folder.js';
import { openJobList, readJobs } from './job-list.js';
import { changedOutputs, outputsAreThere, readOutcome, writeOutcome } from './outcome-file.js';
import { cancelledAt, claimRound, latestRound, readRound, writeRound } from './rounds.js';
import { writeState } from './state-file.js';
import { failedAttemptsIn, noteInJournal, readJournalFrom } from './task-journal.js';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'utad-jobs-'));
});
afterEach(() => rm(parent, { recursive: true }));

const job = (id: string, outputs: string[] = []): Job => ({ id, inputs: [], outputs, run: { kind: 'x' } });
const about = { command: { arguments: ['translate', 'data'], folder: '/' }, codeVersion: '1' };

describe('a list of jobs', () => {
  it('is read job by job, whatever letters are in it', async () => {
    const folder = await openJobList(parent, 'work', [job('a'), job('Ärztin 患者'), job('c')], about);
    expect((await readJobs(folder, [1, 2])).map(({ id }) => id)).toEqual(['Ärztin 患者', 'c']);
    await expect(readJobs(folder, [3])).rejects.toThrow('jobs.jsonl');
  });

  it('is the same one for the same jobs until it is finalised', async () => {
    const jobs = [job('a'), job('b')];
    const folder = await openJobList(parent, 'work', jobs, about);
    expect(await openJobList(parent, 'work', jobs, about)).toBe(folder);
    await writeState(jobPaths.finalised(folder), {});
    const next = await openJobList(parent, 'work', jobs, about);
    expect(next).toBe(join(parent, 'work-2'));
    // As version 0.1.0 called it.
    await writeState(join(next, 'concluded.json'), {});
    await openJobList(parent, 'work', jobs, about);
    expect((await readdir(parent)).sort()).toEqual(['work-2', 'work-3']);
  });

  it('is not begun beside another that is unfinished, unless that was cancelled', async () => {
    const folder = await openJobList(parent, 'work', [job('a')], about);
    await expect(openJobList(parent, 'work', [job('b')], about)).rejects.toThrow(
      /work-1: jobs of another command are unfinished: 1 of `utad translate data`\. Finish them with/,
    );
    await writeState(jobPaths.cancelled(folder), { round: 0, at: 'now' });
    expect(await openJobList(parent, 'work', [job('b')], about)).toBe(join(parent, 'work-2'));
  });

  it('is laid down by several processes at once without harm', async () => {
    const jobs = Array.from({ length: 50 }, (_, i) => job(`p${i}`));
    const folders = await Promise.all(
      Array.from({ length: 8 }, () => openJobList(parent, 'work', jobs, about)),
    );
    expect(new Set(folders).size).toBe(1);
    expect(await readJobs(folders[0]!, [0, 49])).toEqual([jobs[0], jobs[49]]);
    const { sha256 } = JSON.parse(await readFile(jobPaths.list(folders[0]!), 'utf8'));
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await readdir(parent)).toEqual(['work-1']);
  });
});

describe('rounds', () => {
  it('are claimed by one of several', async () => {
    const folder = await openJobList(parent, 'work', [job('a')], about);
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimRound(folder, 1)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await latestRound(folder)).toBe(1);
  });

  it('keep which task has which jobs', async () => {
    const folder = await openJobList(parent, 'work', [job('a')], about);
    const round = { tasks: [[7], [0, 1, 2, 5, 6]], workers: 1, jitterSeconds: 0, attempts: 3, stops: 9 };
    await writeRound(folder, 1, round);
    expect(await readRound(folder, 1)).toEqual(round);
    expect(await readRound(folder, 2)).toBeUndefined();
  });

  it('are cancelled until there is another', async () => {
    const folder = await openJobList(parent, 'work', [job('a')], about);
    await claimRound(folder, 1);
    await writeState(jobPaths.cancelled(folder), { round: 1, at: 'then' });
    expect(await cancelledAt(folder)).toBe('then');
    await claimRound(folder, 2);
    expect(await cancelledAt(folder)).toBeUndefined();
  });
});

describe('an outcome’s file', () => {
  const path = (): string => join(parent, 'a.outcome');
  const where = { round: 1, machine: 'here' };

  it('keeps results with typed arrays and numbers that JSON has not', async () => {
    const result = { slices: Float32Array.of(1, Number.NaN), dice: Number.NaN, of: new Map([['t1', 2n]]) };
    const outcome: JobOutcome = { id: 'a', status: 'done', seconds: 2, result };
    await writeOutcome(path(), job('a'), outcome, where);
    expect((await readOutcome(path()))?.outcome).toEqual(outcome);
    expect(JSON.parse((await readFile(path(), 'latin1')).split('\n')[0]!)).toMatchObject({
      id: 'a',
      status: 'done',
    });
  });

  it('keeps why a job failed, and what it had finished', async () => {
    const failure = { message: 'a: broken', fatal: false, transient: true as const };
    const outcome: JobOutcome = { id: 'a', status: 'failed', seconds: 1, failure, result: [1] };
    await writeOutcome(path(), job('a'), outcome, where);
    expect((await readOutcome(path()))?.outcome).toEqual(outcome);
  });

  it('counts for nothing when it is cut off or changed', async () => {
    const outcome: JobOutcome = { id: 'a', status: 'done', seconds: 0, result: 'x'.repeat(100) };
    await writeOutcome(path(), job('a'), outcome, where);
    const whole = await readFile(path());
    for (const size of [whole.length - 1, whole.indexOf(10) + 1, whole.indexOf(10), 3, 0]) {
      await truncate(path(), size);
      expect(await readOutcome(path()), String(size)).toBeUndefined();
    }
    const changed = Buffer.from(whole);
    changed[whole.length - 2]! ^= 1;
    await writeFile(path(), changed);
    expect(await readOutcome(path())).toBeUndefined();
    expect(await readOutcome(join(parent, 'none'))).toBeUndefined();
  });

  it('tells outputs that are gone, cut off or changed since', async () => {
    const [one, two] = [join(parent, 'one'), join(parent, 'two')];
    await writeFile(one, 'abc');
    await writeFile(two, 'def');
    await writeOutcome(
      path(),
      job('a', [one, two]),
      { id: 'a', status: 'done', seconds: 0, result: 1 },
      where,
    );
    const { head } = (await readOutcome(path()))!;
    expect([await outputsAreThere(head), await changedOutputs(head)]).toEqual([true, []]);
    await writeFile(one, 'abX');
    expect([await outputsAreThere(head), await changedOutputs(head)]).toEqual([true, [one]]);
    await writeFile(one, 'ab');
    expect(await outputsAreThere(head)).toBe(false);
    await rm(two);
    expect(await changedOutputs(head)).toEqual([one, two]);
  });
});

describe('a task’s journal', () => {
  it('is read on from where it was read to, without half a line', async () => {
    const path = join(parent, 'journal');
    await noteInJournal(path, { begin: 3 });
    const first = await readJournalFrom(path, 0);
    expect(first.lines).toEqual([{ begin: 3 }]);
    await appendFile(path, '\n{"end":3,"how":"do');
    expect((await readJournalFrom(path, first.to)).lines).toEqual([]);
    // A killed task's half line harms none of those that come after it.
    await noteInJournal(path, { begin: 3 });
    await noteInJournal(path, { end: 3, how: 'done' });
    expect((await readJournalFrom(path, first.to)).lines).toEqual([{ begin: 3 }, { end: 3, how: 'done' }]);
    expect((await readJournalFrom(join(parent, 'none'), 0)).lines).toEqual([]);
  });

  it('says how each attempt at a job ended', () => {
    const lines = [
      { begin: 1 },
      { begin: 2 },
      { end: 2, how: 'stopped' as const },
      { begin: 1 },
      { end: 1, how: 'fatal' as const },
      { begin: 1 },
    ];
    expect(failedAttemptsIn(lines, 1)).toEqual(['lost', 'transient', 'lost']);
    expect(failedAttemptsIn(lines, 2)).toEqual(['stopped']);
    expect(failedAttemptsIn(lines, 3)).toEqual([]);
  });
});
