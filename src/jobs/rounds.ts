import { open, readdir } from 'node:fs/promises';
import { z } from 'zod';
import { makeFolder } from '../base/files.node.js';
import { jobPaths } from './job-folder.js';
import { cancelledSchema, mostJobs } from './job-list.js';
import { readState, writeState } from './state-file.js';

const index = z.int().min(0).max(mostJobs);
const roundSchema = z.object({
  /** Indices of each task's jobs, as [first, last] of their runs. */
  tasks: z.array(z.array(z.tuple([index, index]))),
  /** What a task needs to know of the profile. */
  workers: z.int(),
  jitterSeconds: z.number(),
  attempts: z.int(),
  stops: z.int(),
});

/** A round as its tasks see it; the jobs by their indices. */
export interface Round extends Omit<z.infer<typeof roundSchema>, 'tasks'> {
  readonly tasks: readonly (readonly number[])[];
}

const submittedSchema = z.object({ job: z.string(), at: z.string() });
const retriedSchema = z.object({ round: z.int() });

/** The number of the latest round that anybody claimed; 0 before the first. */
export async function latestRound(folder: string): Promise<number> {
  const names = await readdir(jobPaths.rounds(folder));
  return Math.max(0, ...names.flatMap((name) => /^(\d+)\.claim$/.exec(name)?.[1] ?? []).map(Number));
}

/** Claims a round: of several processes that try, one may submit it. @returns whether it is this one */
export async function claimRound(folder: string, round: number): Promise<boolean> {
  try {
    await (await open(jobPaths.claim(folder, round), 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Writes what a claimed round consists of, for its tasks. */
export async function writeRound(folder: string, round: number, content: Round): Promise<void> {
  await makeFolder(jobPaths.rounds(folder));
  await writeState(jobPaths.round(folder, round), { ...content, tasks: content.tasks.map(runsOf) });
}

/** Reads a round; nothing where it was claimed and not written. */
export async function readRound(folder: string, round: number): Promise<Round | undefined> {
  const found = await readState(jobPaths.round(folder, round), roundSchema);
  return (
    found && { ...found, tasks: found.tasks.map((runs) => runs.flatMap(([from, to]) => between(from, to))) }
  );
}

/** Notes the number that Slurm gave a round. */
export async function noteSubmitted(folder: string, round: number, job: string): Promise<void> {
  await writeState(jobPaths.submitted(folder, round), { job, at: new Date().toISOString() });
}

/** The number that Slurm gave a round; nothing where nobody has noted one. */
export async function submittedAs(folder: string, round: number): Promise<string | undefined> {
  return (await readState(jobPaths.submitted(folder, round), submittedSchema))?.job;
}

/** Up to which round failed attempts no longer count: somebody asked to retry what was given up. */
export async function retriedRound(folder: string): Promise<number> {
  return (await readState(jobPaths.retried(folder), retriedSchema))?.round ?? 0;
}

/** When a list was cancelled, as a text; nothing where it was not, or was gone on with since. */
export async function cancelledAt(folder: string): Promise<string | undefined> {
  const mark = await readState(jobPaths.cancelled(folder), cancelledSchema);
  return mark !== undefined && mark.round >= (await latestRound(folder)) ? mark.at : undefined;
}

function runsOf(indices: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const index of indices) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs;
}

function between(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
