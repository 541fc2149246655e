import { fileURLToPath } from 'node:url';
import { refuse } from '../base/errors.js';
import { wholeNumber } from '../base/whole-number.js';
import { packageVersion } from '../jobs/code-fingerprint.js';
import { type Executor, localExecutor } from '../jobs/executor.js';
import { jobsBeside } from '../jobs/job-folder.js';
import { readSlurmProfile } from '../jobs/slurm/profile.js';
import { slurmHere } from '../jobs/slurm/slurm.js';
import { slurmExecutor } from '../jobs/slurm/slurm-executor.js';
import { startRunner } from '../workers/start-runner.js';
import type { ExecutorFlags } from './add-executor-options.js';

/** The file that Node runs as `utad`, for processes that are started later or elsewhere. */
export const mainProgram: string = fileURLToPath(new URL('./main.js', import.meta.url));

/** What decides where and how the jobs of a command run. */
interface ExecutorRequest {
  readonly flags: ExecutorFlags;
  /** Where the command writes to; the lists lie beside it. */
  readonly out: string;
  /** Workers that suit this machine, where nothing is said. */
  readonly workers: () => Promise<number> | number;
  /** Jobs in a task of a cluster, where its profile does not say. */
  readonly jobsPerTask?: number;
}

/** Where the jobs of a command run. @throws UtadError bad-argument, or as readSlurmProfile. */
export async function openExecutor({ flags, out, workers, jobsPerTask }: ExecutorRequest): Promise<Executor> {
  const { jobs, slurm } = flags;
  if (slurm === undefined)
    return localExecutor(
      jobs === undefined ? await workers() : wholeNumber('--jobs', jobs, 1, 256),
      startRunner,
    );
  if (jobs !== undefined) {
    const todo = 'Set atOnce and workers in the profile instead.';
    refuse('bad-argument', { where: '--jobs', problem: 'cannot be combined with --slurm', todo });
  }
  const profile = await readSlurmProfile(slurm);
  return slurmExecutor({
    slurm: slurmHere(),
    profile: { ...profile, program: profile.program ?? [process.execPath, mainProgram] },
    parent: jobsBeside(out),
    about: {
      command: { arguments: process.argv.slice(2), folder: process.cwd() },
      codeVersion: packageVersion(),
    },
    jobsPerTask: jobsPerTask ?? 10,
    say: (text) => console.error(text),
  });
}
