import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UtadError } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.node.js';
import { isLeftover } from '../base/temporary.node.js';

/** Checkpoints beside the best one that are kept: the last, and the one before in case the last is broken. */
const keptCheckpoints = 2;
const bestName = 'best.safetensors';
const namePattern = /^iteration-(\d{7})\.safetensors$/;

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
  for (const name of older) await rm(join(folder, name), { force: true });
  // As large as a checkpoint.
  for (const name of names.filter((one) => one.includes('.safetensors.')))
    if (await isLeftover(join(folder, name))) await rm(join(folder, name), { force: true });
  return path;
}

/**
 * The newest checkpoint of a folder that is whole, or null when there is none.
 *
 * @param load reads one by its path
 * @param onDamage told of each newer one that is damaged or cannot be read
 * @throws what `load` threw at the newest, when none is whole; at once what is no matter of damage.
 */
export async function newestCheckpoint<State>(
  folder: string,
  load: (path: string) => Promise<State>,
  onDamage: (damage: UtadError) => void,
): Promise<State | null> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const newestFirst = names
    .filter((name) => namePattern.test(name))
    .sort()
    .reverse();
  const damaged: UtadError[] = [];
  for (const name of newestFirst) {
    try {
      const state = await load(join(folder, name));
      damaged.forEach(onDamage);
      return state;
    } catch (error) {
      if (!(error instanceof UtadError) || !['bad-file', 'io'].includes(error.code)) throw error;
      damaged.push(error);
    }
  }
  if (damaged.length > 0) throw damaged[0];
  return null;
}
