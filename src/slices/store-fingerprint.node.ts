import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, refuse } from '../base/errors.js';
import { reasonOf } from '../base/files.node.js';
import type { PreparationRecipe } from '../imaging/recipe.js';
import type { VolumeSource } from '../imaging/volume-source.js';
import type { Assignment } from './assignment.js';

/**
 * A name for what slices are made of: the files (paths, sizes, times of change), what their labels mean, and how
 * they are prepared.
 *
 * @throws UtadError not-found naming the case: a missing modality or file, or no mask where regions are asked for.
 */
export async function storeFingerprint(
  assignments: readonly Assignment[],
  how: {
    readonly formatVersion: number;
    readonly recipe: PreparationRecipe;
    readonly modalities: readonly string[];
    readonly minimumBrainFraction: number;
    readonly regions?: readonly string[];
    readonly aligned?: boolean;
    readonly contextSlices?: number;
  },
): Promise<string> {
  const {
    formatVersion,
    recipe,
    modalities,
    minimumBrainFraction,
    regions,
    aligned = false,
    contextSlices = 0,
  } = how;
  const inputs: unknown[] = [];
  for (const { case: one, modalities: names } of assignments) {
    if (one.mask === undefined && regions !== undefined) {
      refuse('not-found', {
        where: one.id,
        problem: 'no mask, which training with regions needs for each case',
        todo: 'Add its mask or leave the case out of training.',
      });
    }
    for (const name of names) {
      const source = one.modalities[name];
      if (source === undefined || !modalities.includes(name)) {
        fail('not-found', {
          where: one.id,
          expected: `${name} among its files and the modalities`,
          got: 'no such modality',
        });
      }
      inputs.push([
        one.id,
        name,
        await stateOf(source, one.id),
        one.mask === undefined ? null : await stateOf(one.mask, one.id),
        // Only where they are known: what was prepared without them stays valid.
        ...(one.labels ? [one.labels.regions[one.labels.target]] : []),
        ...(regions && one.labels ? [regions.map((region) => one.labels!.regions[region] ?? null)] : []),
        ...(one.foreground ? [await stateOf(one.foreground, one.id)] : []),
      ]);
    }
  }
  const what = {
    formatVersion,
    recipe,
    modalities,
    minimumBrainFraction,
    ...(regions ? { regions } : {}),
    ...(aligned ? { aligned } : {}),
    ...(contextSlices > 0 ? { contextSlices } : {}),
  };
  const key = JSON.stringify({ ...what, inputs });
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}

async function stateOf(source: VolumeSource, id: string): Promise<readonly (string | number)[]> {
  const { path, volumeIndex, series } = source;
  try {
    const { size, mtimeMs } = series === undefined ? await stat(path) : await stateOfFolder(path);
    return [
      path,
      size,
      mtimeMs,
      ...(volumeIndex === undefined ? [] : [volumeIndex]),
      ...(series === undefined ? [] : [series]),
    ];
  } catch (cause) {
    return refuse(
      'not-found',
      { where: id, problem: `cannot read its file ${path}: ${reasonOf(cause)}`, todo: 'Restore the file.' },
      { cause },
    );
  }
}

/** Size and newest change of a series' files, which lie in a folder with or without others. */
async function stateOfFolder(folder: string): Promise<{ readonly size: number; readonly mtimeMs: number }> {
  let [size, mtimeMs] = [0, 0];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const facts = await stat(join(entry.parentPath, entry.name));
    size += facts.size;
    mtimeMs = Math.max(mtimeMs, facts.mtimeMs);
  }
  return { size, mtimeMs };
}
