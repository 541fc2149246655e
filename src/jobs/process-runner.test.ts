import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job, JobRun } from './job.js';
import { processRunner } from './process-runner.js';
import { runJobs } from './run-jobs.js';

/** Answers with its process; ends by itself, or only when asked to stop, as a job's name says. */
const worker = `
let stopped = () => {};
process.on('message', ({ type, job }) => {
  if (type === 'stop') return stopped();
  if (job.id === 'ends') { console.error('out of luck'); process.exit(7); }
  if (job.id === 'killed') return process.kill(process.pid, 'SIGKILL');
  const outcome = (rest) => process.send({ type: 'outcome', outcome: { id: job.id, ...rest } });
  if (job.id === 'waits') { stopped = () => outcome({ status: 'stopped' }); process.send({ type: 'progress', done: 1, total: 2 }); return; }
  outcome({ status: 'done', seconds: 0, result: process.pid });
});
process.on('disconnect', () => process.exit(0));
`;

let folder: string;
let program: URL;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-worker-'));
  await writeFile(join(folder, 'worker.mjs'), worker);
  program = pathToFileURL(join(folder, 'worker.mjs'));
});
afterAll(() => rm(folder, { recursive: true }));

const list = (...ids: string[]): Job[] =>
  ids.map((id) => ({ id, inputs: [], outputs: [], run: { kind: 'x' } }));
const start = () => processRunner<JobRun, number>(program);
const idle = new AbortController().signal;

describe('processRunner', () => {
  it('does jobs in one process after the other, not in this one', async () => {
    const outcomes = await runJobs(list('a', 'b'), { workers: 1, startRunner: start, signal: idle });
    const [a, b] = outcomes.map((one) => (one.status === 'done' ? one.result : 0));
    expect(a).toBe(b);
    expect(a).not.toBe(process.pid);
  });

  it('lets a job that ends or breaks its process fail alone, and says how', async () => {
    const jobs = list('a', 'ends', 'b', 'killed', 'c');
    const outcomes = await runJobs(jobs, { workers: 1, startRunner: start, signal: idle });
    expect(outcomes.map(({ status }) => status)).toEqual(['done', 'failed', 'done', 'failed', 'done']);
    expect(outcomes[1]).toMatchObject({
      failure: { message: 'ends: the process that worked on it was ended with status 7: out of luck' },
    });
    expect(outcomes[3]).toMatchObject({
      failure: {
        message: 'killed: the process that worked on it was ended by SIGKILL; it may have run out of memory',
      },
    });
  });

  it('tells a running job to stop', async () => {
    const stop = new AbortController();
    const outcomes = await runJobs(list('waits', 'a'), {
      workers: 1,
      startRunner: start,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(outcomes.map(({ status }) => status)).toEqual(['stopped', 'stopped']);
  });
});
