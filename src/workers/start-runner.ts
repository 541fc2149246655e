import type { RunnerStart } from '../jobs/job.js';
import { processRunner } from '../jobs/process-runner.js';
import { kindRunner } from './kind-runner.js';

/** Starts runners for jobs of every kind that this package knows. */
export const startRunner: RunnerStart = {
  here: kindRunner,
  inProcess: () => processRunner(new URL('./worker.js', import.meta.url)),
};
