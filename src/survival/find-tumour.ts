import { fail } from '../base/errors.js';
import { type PreparedVolume, prepareVolume } from '../imaging/prepare.js';
import type { PreparationRecord } from '../imaging/record.js';
import { sliceGridOf } from '../imaging/slice-grid.js';
import type { Volume } from '../imaging/volume.js';
import type { MaskGrid } from '../metrics/mask-grid.js';
import { insideOf } from '../segmentation/region-figures.js';
import type { LoadedSegmenter } from '../segmentation/segmenter.node.js';
import type { SegmenterMetadata } from '../segmentation/segmenter-metadata.js';

/** The segmenter that is asked whether a tumour is there, on one modality alone. */
export type TumourFinder = Pick<LoadedSegmenter, 'metadata' | 'segment'>;

/**
 * Refuses a segmenter that does not know what is translated.
 *
 * @param where the segmenter's file, for messages
 * @throws UtadError bad-argument.
 */
export function requireKnownModalities(
  { model }: SegmenterMetadata,
  wanted: readonly string[],
  where: string,
): void {
  if (wanted.every((name) => model.modalities.includes(name))) return;
  fail('bad-argument', {
    where,
    expected: `a segmenter that knows ${wanted.join(', ')}`,
    got: `one of ${model.modalities.join(', ')}`,
    todo: 'Train one on data that have them all.',
  });
}

/**
 * Finds the tumour on slices of one modality alone.
 *
 * @param slices [K, S, S] on [−1, 1], prepared as the segmenter's recipe says
 * @returns [K, S, S], 1 in the outermost of the segmenter's regions
 */
async function findOnSlices(
  { segment }: TumourFinder,
  slices: Float32Array,
  modality: string,
): Promise<Uint8Array> {
  const [outermost] = await segment({ [modality]: slices });
  return insideOf(outermost!);
}

/** A volume as a segmenter sees it, and the outermost of its regions there. */
interface FoundTumour {
  readonly prepared: PreparedVolume;
  /** [K, S, S], 1 in the tumour. */
  readonly mask: Uint8Array;
  readonly grid: MaskGrid;
}

/**
 * Finds the tumour on one volume alone.
 *
 * @param modality what the image shows, one of the segmenter's
 * @param like another image of the patient, whose slices it shares
 * @throws UtadError as prepareVolume and `segmentSlices`.
 */
export async function findTumour(
  volume: Volume,
  modality: string,
  segmenter: TumourFinder,
  options: { readonly brain?: Volume; readonly like?: PreparationRecord; readonly where?: string } = {},
): Promise<FoundTumour> {
  const { brain, like, where } = options;
  const prepared = prepareVolume(volume, segmenter.metadata.recipe, where, {
    modality,
    ...(brain ? { brain } : {}),
    ...(like ? { like } : {}),
  });
  const mask = await findOnSlices(segmenter, prepared.slices, modality);
  return { prepared, mask, grid: sliceGridOf(prepared) };
}
