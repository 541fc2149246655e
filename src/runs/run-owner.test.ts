import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { thisProcess } from '../base/process-identity.node.js';
import { createNodeRuntime } from '../engine/runtime/runtime.node.js';
import { resolveSegmentationConfiguration } from '../methods/segmenter-configuration.js';
import { continueRun } from './continue-run.js';
import { writeRunRecord } from './run-folder.js';
import { ownRun, withRun } from './run-owner.js';

let run: string;
let mark: string;
beforeEach(async () => {
  run = await mkdtemp(join(tmpdir(), 'utad-owner-'));
  mark = join(run, 'owner.json');
});
afterEach(() => rm(run, { recursive: true }));

const other = (parts: object = {}): string =>
  JSON.stringify({ token: 'x', host: hostname(), pid: process.ppid, clusterJob: null, ...parts });

describe('ownRun', () => {
  it('marks the run and takes the mark away', async () => {
    const owner = await ownRun(run);
    expect(JSON.parse(await readFile(mark, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
    await owner.release();
    expect(existsSync(mark)).toBe(false);
  });

  it('refuses a run that a living process trains, here or on another machine', async () => {
    await writeFile(mark, other());
    await expect(ownRun(run)).rejects.toThrow(/expected a run that nobody else trains, got process \d+ on /);
    await writeFile(mark, other({ host: 'elsewhere', pid: 1 }));
    await expect(ownRun(run)).rejects.toThrow('process 1 on elsewhere');
    expect(await readdir(run)).toEqual(['owner.json']);
  });

  it.each([
    ['whose process is gone', other({ pid: 2 ** 22 - 3 }), 0],
    ['that nobody has touched for long', other({ host: 'elsewhere' }), 121],
    ['that was never written whole', '{"tok', 6],
  ])('takes over a mark %s', async (_, text, secondsOld) => {
    await writeFile(mark, text);
    const then = new Date(Date.now() - 1000 * secondsOld);
    await utimes(mark, then, then);
    const owner = await ownRun(run);
    expect(JSON.parse(await readFile(mark, 'utf8'))).toMatchObject({ pid: process.pid });
    await owner.release();
  });

  const { machine, boot, installation } = thisProcess();

  it.runIf(existsSync('/proc/self/stat'))(
    'looks at processes of this machine, whatever the clock says and whether they are suspended',
    async () => {
      const started = (pid: number): string =>
        readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19]!;
      const living = { machine, started: started(process.ppid) };
      await writeFile(mark, other(living));
      for (const time of [0, Date.now() / 1000 + 3600]) {
        await utimes(mark, time, time);
        await expect(ownRun(run)).rejects.toMatchObject({ code: 'busy' });
      }
      // Another process has its number now.
      await writeFile(mark, other({ ...living, started: '1' }));
      await (await ownRun(run)).release();
    },
  );

  it.each([
    ['another container of this machine', { machine: 'other', boot, host: 'c2' }, true],
    ['an earlier start of this machine', { machine: 'other', boot: 'before', installation }, false],
    ['a machine of the same name', { machine: 'other', boot: 'before', installation: 'another' }, true],
  ])('takes the mark of %s for living while it is touched: %s', async (_, parts, isBusy) => {
    await writeFile(mark, other({ ...parts, pid: 1 }));
    const attempt = ownRun(run);
    if (isBusy) await expect(attempt).rejects.toMatchObject({ code: 'busy' });
    else await (await attempt).release();
  });

  it('says who has it, or that it was removed, and then writes nothing', async () => {
    const owner = await ownRun(run);
    await owner.require();
    await writeFile(mark, other({ token: 'y' }));
    await expect(owner.require()).rejects.toMatchObject({ code: 'busy' });
    await rm(run, { recursive: true });
    await expect(owner.require()).rejects.toThrow(
      /the folder, or owner\.json in it, was removed while it was worked on\./,
    );
    await owner.release();
    expect(existsSync(run)).toBe(false);
    await mkdir(run);
  });

  it('clears away what killed processes have begun, and leaves the folder as it was', async () => {
    const dead = `${machine}${(2 ** 22 - 3).toString(16).padStart(8, '0')}01234567`;
    const alive = `${machine}${process.ppid.toString(16).padStart(8, '0')}01234567`;
    await mkdir(join(run, 'cache'));
    const names = [
      `cache/slices.bin.${dead}.tmp`,
      `cache/slices.bin.${alive}.tmp`,
      'journal.jsonl.0123abcd.tmp',
    ];
    for (const name of [...names, 'notes.tmp']) await writeFile(join(run, name), '');
    await withRun(run, async () => undefined);
    expect((await readdir(run, { recursive: true })).sort()).toEqual(['cache', names[1], 'notes.tmp']);
    const fresh = join(run, 'deep', 'er');
    await expect(withRun(fresh, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(join(run, 'deep'))).toBe(false);
  });

  it('waits as long as asked', async () => {
    await writeFile(mark, other());
    setTimeout(() => void rm(mark), 300);
    const owner = await ownRun(run, 60_000);
    await owner.release();
  });

  it('keeps a second process out of a segmenter’s run', async () => {
    await writeRunRecord(run, {
      kind: 'segmenter',
      format: 1,
      created: '2026-01-02T03:04:05.000Z',
      codeVersion: '0.1.0',
      dataSet: join(run, 'data'),
      configuration: resolveSegmentationConfiguration('tiny', {}),
      trainingCases: ['a'],
      validationCases: [],
    });
    await writeFile(mark, other());
    const again = continueRun(run, {
      runtime: createNodeRuntime('cpu', { threads: 1 }),
      observer: {
        onBegin: () => undefined,
        onStep: () => undefined,
        onNotice: () => undefined,
        onValidation: async () => undefined,
      },
      onPrepare: () => undefined,
      signal: new AbortController().signal,
    });
    await expect(again).rejects.toMatchObject({ code: 'busy' });
    expect(JSON.parse(await readFile(mark, 'utf8'))).toMatchObject({ token: 'x' });
  });
});
