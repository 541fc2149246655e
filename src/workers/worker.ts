/** Entry of a worker process: does the jobs that it is sent, one after the other, until its parent lets go. */
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import type { Job } from '../jobs/job.js';
import type { FromWorker, ToWorker } from '../jobs/process-runner.js';
import { kindRunner } from './kind-runner.js';

const runner = kindRunner();
let stopping = new AbortController();

const answer = (message: FromWorker): void => void process.send?.(message);

const run = keepingInputs(async (job: Job): Promise<void> => {
  stopping = new AbortController();
  const onProgress = (done: number, total: number): void => answer({ type: 'progress', done, total });
  answer({ type: 'outcome', outcome: await runner.run(job, { signal: stopping.signal, onProgress }) });
});

// A terminal sends its interrupt, and a batch system its signals, to every process of the group: the parent decides
// what they mean.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('message', (message: ToWorker) => {
  if (message.type === 'stop') stopping.abort();
  else void run(message.job);
});
process.on('disconnect', () => {
  stopping.abort();
  void runner.close().finally(() => process.exit(0));
});
