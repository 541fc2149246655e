import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNodeRuntime } from '../engine/runtime/runtime.node.js';
import { resolveSegmentationConfiguration } from '../methods/segmenter-configuration.js';
import { continueRun } from './continue-run.js';
import { writeRunRecord } from './run-folder.js';
import { ownRun } from './run-owner.js';

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
      observer: { onBegin: () => undefined, onStep: () => undefined, onValidation: async () => undefined },
      onPrepare: () => undefined,
      signal: new AbortController().signal,
    });
    await expect(again).rejects.toMatchObject({ code: 'busy' });
    expect(JSON.parse(await readFile(mark, 'utf8'))).toMatchObject({ token: 'x' });
  });
});
