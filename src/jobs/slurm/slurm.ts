import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fail } from '../../base/errors.js';

const run = promisify(execFile);

/** Slurm's commands answer within this, or the controller is down. */
const patienceMs = 60_000;

/** A task of an array as the queue shows it. */
export interface QueuedTask {
  readonly task: number;
  readonly state: string;
  /** Why it waits. */
  readonly reason: string;
}

/** What is asked of Slurm. */
export interface Slurm {
  /** @returns the number of the array's job @throws UtadError bad-value with what sbatch said. */
  readonly submit: (script: string, log: string) => Promise<string>;
  /** Tasks that wait or run; null when the controller does not answer. */
  readonly queued: (job: string) => Promise<readonly QueuedTask[] | null>;
  /** Numbers of the jobs of a name that wait or run; null when the controller does not answer. */
  readonly named: (name: string) => Promise<readonly string[] | null>;
  /** @throws UtadError io with what scancel said. */
  readonly cancel: (job: string) => Promise<void>;
  /** Puts a task of an array back into the queue. @throws UtadError io with what scontrol said. */
  readonly requeue: (job: string, task: number) => Promise<void>;
}

/** The Slurm that this machine's commands speak to. */
export function slurmHere(): Slurm {
  return {
    submit: async (script, log) => {
      try {
        const { stdout } = await call('sbatch', ['--parsable', `--output=${log}`, script]);
        // With several clusters: number;cluster.
        return stdout.trim().split(';')[0]!;
      } catch (cause) {
        return fail(
          'bad-value',
          {
            where: 'sbatch',
            expected: 'the jobs to be taken',
            got: saidBy(cause),
            todo: 'Correct the profile, then call the command again.',
          },
          { cause },
        );
      }
    },
    queued: async (job) => {
      const lines = await queue(['-j', job, '-o', '%K|%T|%r']);
      return (
        lines?.map((line) => {
          const [task, state, reason] = line.split('|') as [string, string, string];
          return { task: Number(task), state, reason };
        }) ?? null
      );
    },
    named: async (name) => {
      const lines = await queue(['-n', name, '-o', '%F']);
      return lines === null ? null : [...new Set(lines)];
    },
    cancel: async (job) => {
      await call('scancel', [job]).catch((cause) => refused('scancel', cause));
    },
    requeue: async (job, task) => {
      await call('scontrol', ['requeue', `${job}_${task}`]).catch((cause) =>
        refused('scontrol requeue', cause),
      );
    },
  };
}

/** Lines of squeue; none for a job that has left the queue, null when the controller does not answer. */
async function queue(options: readonly string[]): Promise<string[] | null> {
  try {
    const { stdout } = await call('squeue', ['-h', '-r', '--me', ...options]);
    return stdout.split('\n').filter((line) => line !== '');
  } catch (error) {
    if (/Invalid job id/i.test(saidBy(error))) return [];
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return refused('squeue', error);
    return null;
  }
}

async function call(program: string, args: readonly string[]): Promise<{ readonly stdout: string }> {
  return run(program, [...args], { timeout: patienceMs, maxBuffer: 2 ** 28 });
}

function refused(program: string, cause: unknown): never {
  return fail(
    'io',
    {
      where: program,
      expected: 'an answer of Slurm',
      got: saidBy(cause),
      todo: 'Call this on a login node.',
    },
    { cause },
  );
}

function saidBy(error: unknown): string {
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
  if (code === 'ENOENT') return 'no such program on this machine';
  return (stderr?.trim() || message).replaceAll('\n', '; ');
}
