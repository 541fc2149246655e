import type { Command } from 'commander';

/** What `--jobs` and `--slurm` say. */
export interface ExecutorFlags {
  readonly jobs?: string;
  readonly slurm?: string;
}

/** Adds `--jobs` and `--slurm`. @param what the work of a job, as in `patients at once` */
export function addExecutorOptions(command: Command, what = 'patients'): Command {
  return command
    .option('--jobs <number>', `${what} at once; as many as cores and memory allow when left out`)
    .option(
      '--slurm <profile>',
      'as job arrays of a Slurm cluster, as this JSON file says; see docs/cluster.md',
    );
}
