/** Entry of a worker process: does the jobs that it is sent, one after the other, until its parent lets go. */
import { runnerFor } from '../job-kinds.js';
import type { Job, JobRunner } from './job.js';
import type { FromWorker, ToWorker } from './process-runner.js';

const runners = new Map<string, JobRunner>();
let stopping = new AbortController();

const answer = (message: FromWorker): void => void process.send?.(message);

async function run(job: Job): Promise<void> {
  stopping = new AbortController();
  const { kind } = job.run;
  const runner = runners.get(kind) ?? (await runnerFor(kind));
  runners.set(kind, runner);
  const onProgress = (done: number, total: number): void => answer({ type: 'progress', done, total });
  answer({ type: 'outcome', outcome: await runner.run(job, { signal: stopping.signal, onProgress }) });
}

// A terminal sends its interrupt to every process of the group: the parent decides what it means.
process.on('SIGINT', () => undefined);
process.on('message', (message: ToWorker) => {
  if (message.type === 'stop') stopping.abort();
  else void run(message.job);
});
process.on('disconnect', () => {
  stopping.abort();
  void Promise.all([...runners.values()].map(({ close }) => close())).finally(() => process.exit(0));
});
