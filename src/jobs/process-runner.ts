import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Job, JobContext, JobOutcome, JobRun, JobRunner } from './job.js';

/** What a worker process is sent. */
export type ToWorker = { readonly type: 'run'; readonly job: Job } | { readonly type: 'stop' };

/** What a worker process answers. */
export type FromWorker =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'outcome'; readonly outcome: JobOutcome };

/** How long a process may take to stop by itself before it is ended. */
const graceMs = 10_000;

/**
 * A runner in a process of its own: a job that breaks the process, for want of memory say, fails alone, and the
 * next one gets a new process.
 *
 * @param worker the program that the process runs
 */
export function processRunner<Run extends JobRun, Result>(worker: URL): JobRunner<Run, Result> {
  let child: ChildProcess | undefined;
  return {
    run: async (job, context) => {
      // Results may hold typed arrays, which JSON would turn into objects.
      child ??= fork(fileURLToPath(worker), [], {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        serialization: 'advanced',
      });
      const outcome = await runIn(child, job, context);
      if (child.exitCode !== null || child.signalCode !== null) child = undefined;
      return outcome as JobOutcome<Result>;
    },
    close: async () => {
      if (child === undefined || child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.disconnect();
      const impatience = setTimeout(() => child?.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(impatience);
    },
  };
}

function runIn(child: ChildProcess, job: Job, { signal, onProgress }: JobContext): Promise<JobOutcome> {
  const started = performance.now();
  let said = '';
  return new Promise((resolve) => {
    const finish = (outcome: JobOutcome): void => {
      child.off('message', onMessage).off('exit', onExit);
      child.stderr?.off('data', onText);
      signal.removeEventListener('abort', stop);
      resolve(outcome);
    };
    const onMessage = (message: FromWorker): void => {
      if (message.type === 'progress') onProgress(message.done, message.total);
      else finish(message.outcome);
    };
    const onText = (text: Buffer): void => {
      said = `${said}${text.toString()}`.slice(-500);
    };
    const onExit = (status: number | null, by: string | null): void => {
      if (signal.aborted) {
        finish({ id: job.id, status: 'stopped' });
        return;
      }
      const last = said.trim() === '' ? '' : `: ${said.trim()}`;
      const how = by === null ? `with status ${status}` : `by ${by}; it may have run out of memory`;
      const message = `${job.id}: the process that worked on it was ended ${how}${last}`;
      const seconds = (performance.now() - started) / 1000;
      finish({ id: job.id, status: 'failed', seconds, failure: { message, fatal: false, transient: true } });
    };
    const stop = (): void => void child.send({ type: 'stop' } satisfies ToWorker);
    child.on('message', onMessage).on('exit', onExit);
    child.stderr?.on('data', onText);
    signal.addEventListener('abort', stop);
    child.send({ type: 'run', job } satisfies ToWorker);
  });
}
