import { fail } from '../base/errors.js';
import { readVolume } from '../imaging/formats/volume-file.node.js';
import { requireSameGrid } from '../imaging/geometry.js';
import { countOf, requirePartOfBody } from '../imaging/mask-values.js';
import { type PreparedVolume, prepareVolume } from '../imaging/prepare.js';
import type { PreparationRecipe } from '../imaging/recipe.js';
import { reorientVolume } from '../imaging/reorient.js';
import { describeSource } from '../imaging/volume-source.js';
import type { CaseFiles } from './case.js';
import { readTarget } from './read-target.node.js';
import { regionMask } from './region-mask.js';

/** All modalities of a patient as slices of one grid. */
export interface PreparedPatient {
  readonly id: string;
  /** Slices of each volume, K. */
  readonly count: number;
  /** Pixels along each side, S. */
  readonly side: number;
  /** Those of the wanted modalities that the patient has. */
  readonly modalities: Readonly<Record<string, PreparedVolume>>;
  /** The whole tumour, or what else the labels' target is, [K, S, S] of 0 and 1, when there is a mask. */
  readonly tumour?: Uint8Array;
  /** Bit i in the i-th of the regions asked for, [K, S, S], when there is a mask. */
  readonly regions?: Uint8Array;
}

/**
 * Reads and prepares a patient.
 *
 * @param modalities the wanted ones; those that the patient lacks are left out
 * @param regions those of the labels that are distinguished, besides the target; at most 8
 * @throws UtadError naming the file: missing, unreadable, unusable, or not on the grid of the others; not-found
 * when the patient has none of the modalities.
 */
export async function loadPreparedPatient(
  one: CaseFiles,
  recipe: PreparationRecipe,
  modalities: readonly string[],
  regions?: readonly string[],
): Promise<PreparedPatient> {
  const brain = one.foreground === undefined ? {} : { brain: await readVolume(one.foreground) };
  const prepared: Record<string, PreparedVolume> = {};
  const grids: Record<string, Parameters<typeof requireSameGrid>[0][string]> = {};
  for (const name of modalities) {
    const source = one.modalities[name];
    if (source === undefined) continue;
    const where = describeSource(source);
    const read = await readVolume(source);
    const [grid] = Object.values(grids);
    const volume = (grid && reorientVolume(read, grid)) ?? read;
    grids[where] = { size: volume.size, affineVoxelToWorld: volume.affineVoxelToWorld };
    requireSameGrid(grids);
    const first = Object.values(prepared)[0];
    prepared[name] = prepareVolume(volume, recipe, where, {
      modality: name,
      ...brain,
      ...(first ? { like: first.record } : {}),
    });
  }
  const first = Object.values(prepared)[0];
  if (!first) {
    return fail('not-found', {
      where: one.id,
      expected: `one of ${modalities.join(', ')}`,
      got: 'none of them',
    });
  }
  const common = { id: one.id, count: first.count, side: first.side, modalities: prepared };
  if (one.mask === undefined) return common;
  const target = await readTarget(one, one.mask);
  const tumour = regionMask(target, undefined, first.record);
  requirePartOfBody(countOf(tumour), countOf(first.brain), target.where);
  return {
    ...common,
    tumour,
    ...(regions ? { regions: regionMask(target, regions, first.record) } : {}),
  };
}
