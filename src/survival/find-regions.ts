import { fromNames } from '../base/from-names.js';
import { toAxial } from '../imaging/orientation.js';
import { prepareVolume } from '../imaging/prepare.js';
import { restoreVolume } from '../imaging/restore.js';
import type { Volume } from '../imaging/volume.js';
import { insideOf } from '../segmentation/region-figures.js';
import type { TumourFinder } from './find-tumour.js';

/** What a segmenter finds: region → mask, 1 inside, in the segmenter's order: the outermost region first. */
export type FoundRegions = Readonly<Record<string, Uint8Array>>;

/**
 * Finds the regions on slices of one modality alone.
 *
 * @param slices [K, S, S] on [−1, 1], prepared as the segmenter's recipe says
 * @returns masks [K, S, S]
 */
export async function regionsOnSlices(
  { metadata, segment }: TumourFinder,
  slices: Float32Array,
  modality: string,
): Promise<FoundRegions> {
  const found = await segment({ [modality]: slices });
  return fromNames(metadata.model.regions, (name) => insideOf(found[metadata.model.regions.indexOf(name)]!));
}

/**
 * Finds the regions on one volume alone and brings them back to its own grid.
 *
 * @param modality what the image shows, one of the segmenter's
 * @param where names the volume in messages
 * @returns masks [K, rows, columns] in axial order
 * @throws UtadError as prepareVolume and `segmentSlices`.
 */
export async function regionsOnVolume(
  segmenter: TumourFinder,
  volume: Volume,
  modality: string,
  where: string,
  brain?: Volume,
): Promise<FoundRegions> {
  const { recipe, model } = segmenter.metadata;
  const { slices, record } = prepareVolume(volume, recipe, where, {
    modality,
    ...(brain ? { brain } : {}),
  });
  const found = await segmenter.segment({ [modality]: slices });
  return fromNames(model.regions, (name) => {
    const probability = found[model.regions.indexOf(name)]!;
    const restored = restoreVolume(
      probability.map((p) => 2 * p - 1),
      record,
      { low: 0, high: 1 },
      0,
    );
    return insideOf(toAxial(restored.data, record.steps[0].order));
  });
}
