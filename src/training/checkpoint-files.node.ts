import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/files.node.js';

/** Checkpoints beside the best one that are kept: the last, and the one before in case the last is broken. */
const keptCheckpoints = 2;
const bestName = 'best.safetensors';
const namePattern = /^iteration-(\d{7})\.safetensors$/;

/** What a process that was killed while it wrote a checkpoint leaves; it is as large as one. */
const begunPattern = /\.safetensors\.[0-9a-f]{8}\.tmp$/;

/** Where a training's checkpoints lie. */
export function checkpointPath(folder: string, iteration: number): string {
  return join(folder, `iteration-${String(iteration).padStart(7, '0')}.safetensors`);
}

/** Where the checkpoint with the best validation lies. */
export const bestCheckpointPath = (folder: string): string => join(folder, bestName);

/**
 * Writes a checkpoint, then removes older ones and what was left of begun ones.
 *
 * @throws UtadError io when it cannot be written; earlier checkpoints are untouched then.
 */
export async function writeCheckpointFile(
  folder: string,
  iteration: number,
  bytes: Uint8Array,
): Promise<string> {
  const path = checkpointPath(folder, iteration);
  await writeFileAtomic(path, bytes);
  const names = (await readdir(folder)).sort();
  const older = names.filter((name) => namePattern.test(name)).slice(0, -keptCheckpoints);
  const begun = names.filter((name) => begunPattern.test(name));
  for (const name of [...older, ...begun]) await rm(join(folder, name), { force: true });
  return path;
}

/**
 * The newest checkpoint of a folder that can be read, or null when there is none.
 *
 * @param load reads one by its path
 * @throws what `load` threw at the newest, when none can be read.
 */
export async function newestCheckpoint<State>(
  folder: string,
  load: (path: string) => Promise<State>,
): Promise<State | null> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const newestFirst = names
    .filter((name) => namePattern.test(name))
    .sort()
    .reverse();
  let damage: unknown = null;
  for (const name of newestFirst) {
    try {
      return await load(join(folder, name));
    } catch (error) {
      damage ??= error;
    }
  }
  if (damage !== null) throw damage;
  return null;
}
