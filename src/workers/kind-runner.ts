import type { JobRunner } from '../jobs/job.js';
import { runnerFor } from './job-kinds.js';

/** A runner in this process for jobs of every kind; each kind's own is loaded when it is first needed, and kept. */
export function kindRunner(): JobRunner {
  const runners = new Map<string, JobRunner>();
  return {
    run: async (job, context) => {
      const { kind } = job.run;
      const runner = runners.get(kind) ?? (await runnerFor(kind));
      runners.set(kind, runner);
      return runner.run(job, context);
    },
    close: async () => {
      await Promise.all([...runners.values()].map(({ close }) => close()));
    },
  };
}
