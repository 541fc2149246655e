import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { writeFileAtomic } from '../../base/files.node.js';
import { jobPaths } from '../job-folder.js';
import { claimRound, noteSubmitted, type Round, submittedAs, writeRound } from '../rounds.js';
import { batchScript, logPattern } from './batch-script.js';
import type { SlurmProfile } from './profile.js';
import type { Slurm } from './slurm.js';

/** A process that claimed a round and has not submitted it after this will not do so any more. */
const claimLastsMs = 120_000;

/**
 * Claims a round, writes what its tasks need, and submits it.
 *
 * @returns the number that Slurm gave it; nothing where another process had claimed the round
 * @throws UtadError bad-value with what sbatch said; the round is free again then.
 */
export async function submitRound(
  slurm: Slurm,
  folder: string,
  round: number,
  tasks: readonly (readonly number[])[],
  profile: SlurmProfile,
): Promise<string | undefined> {
  if (!(await claimRound(folder, round))) return undefined;
  try {
    const { workers, attempts, stops } = profile;
    // Few tasks do not crowd a file server.
    const jitterSeconds = Math.min(profile.jitterSeconds, (tasks.length - 1) / 10);
    const content: Round = { tasks, workers, attempts, stops, jitterSeconds };
    await writeRound(folder, round, content);
    const script = batchScript(profile, {
      folder,
      round,
      tasks: tasks.length,
      name: roundName(folder, round),
    });
    await writeFileAtomic(jobPaths.script(folder, round), script);
    const job = await slurm.submit(jobPaths.script(folder, round), logPattern(folder, round));
    await noteSubmitted(folder, round, job);
    return job;
  } catch (error) {
    for (const path of [jobPaths.round, jobPaths.script, jobPaths.claim])
      await rm(path(folder, round), { force: true });
    throw error;
  }
}

/**
 * The number that Slurm gave a claimed round, also where the process that claimed it ended between submitting and
 * noting it.
 *
 * @returns null while another process may be about to submit it, nothing where nobody will
 */
export async function findSubmitted(
  slurm: Slurm,
  folder: string,
  round: number,
): Promise<string | null | undefined> {
  const noted = await submittedAs(folder, round);
  if (noted !== undefined) return noted;
  const found = await slurm.named(roundName(folder, round));
  if (found === null) return null;
  if (found[0] !== undefined) {
    await noteSubmitted(folder, round, found[0]);
    return found[0];
  }
  const claimed = await stat(jobPaths.claim(folder, round)).catch(() => undefined);
  return claimed !== undefined && Date.now() - claimed.mtimeMs < claimLastsMs ? null : undefined;
}

/** The name under which a round is in the queue: the same for nobody else's. */
function roundName(folder: string, round: number): string {
  return `utad-${createHash('sha256').update(folder).digest('hex').slice(0, 10)}-${round}`;
}
