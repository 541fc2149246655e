import { didYouMean } from '../base/configuration.js';
import { fail } from '../base/errors.js';
import { backgroundOf } from '../imaging/foreground.js';
import { type PreparedVolume, prepareVolume } from '../imaging/prepare.js';
import { completeRecipe } from '../imaging/recipe.js';
import { restoreVolume } from '../imaging/restore.js';
import type { Volume } from '../imaging/volume.js';
import type { LoadedModel } from './loaded-model.js';
import type { ModelMetadata } from './model-metadata.js';

/** What {@link translateVolume} is told. */
export interface TranslateVolumeOptions {
  readonly model: Pick<LoadedModel, 'metadata' | 'translateSlices'>;
  /** Modality of the given volume. */
  readonly source: string;
  /** Modality to make. */
  readonly target: string;
  /** Name of the given volume, for messages. */
  readonly where?: string;
  /** A brain mask on the volume's grid, for volumes that are not skull-stripped. */
  readonly brain?: Volume;
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the work between slices. */
  readonly signal?: AbortSignal;
}

/**
 * Makes the missing modality of a skull-stripped volume.
 *
 * @returns a volume on the same grid with the same affine and header; the target's background (0, unless the
 *   recipe says otherwise) outside the brain, inside between the model's `valueRanges` of the target
 * @throws UtadError bad-argument for unknown or equal modalities, bad-value when the volume does not fit the
 *   model's preparation recipe, interrupted when the signal asked to stop.
 */
export async function translateVolume(volume: Volume, options: TranslateVolumeOptions): Promise<Volume> {
  const { model, source, target, onProgress, signal } = options;
  modalityIndex(model.metadata.model.modalities, source, 'source modality');
  modalityIndex(model.metadata.model.modalities, target, 'target modality');
  const requireGoing = (): void => {
    if (!signal?.aborted) return;
    const where = options.where ?? 'volume';
    fail('interrupted', { where, expected: 'to be translated', got: 'a signal to stop' });
  };
  requireGoing();
  const prepared = prepareSource(volume, model.metadata, options);
  return translatePrepared(prepared, model, source, target, (done, total) => {
    requireGoing();
    onProgress?.(done, total);
  });
}

/**
 * Prepares a volume by a model's recipe, once for all modalities that are made of it.
 *
 * @throws UtadError bad-value when the volume does not fit the recipe.
 */
export function prepareSource(
  volume: Volume,
  { recipe }: Pick<ModelMetadata, 'recipe'>,
  { source, where = 'volume', brain }: Pick<TranslateVolumeOptions, 'source' | 'where' | 'brain'>,
): PreparedVolume {
  return prepareVolume(volume, recipe, where, {
    modality: source,
    ...(brain === undefined ? {} : { brain }),
  });
}

/** A volume that was made, and the slices that it was restored from. */
export interface MadeVolume {
  readonly volume: Volume;
  /** [K,S,S], what the network gave. */
  readonly slices: Float32Array;
}

/** As {@link makeModality}, the volume alone. */
export async function translatePrepared(...what: Parameters<typeof makeModality>): Promise<Volume> {
  return (await makeModality(...what)).volume;
}

/**
 * Makes a modality of a prepared volume.
 *
 * @throws UtadError bad-argument for unknown or equal modalities.
 */
export async function makeModality(
  prepared: PreparedVolume,
  model: TranslateVolumeOptions['model'],
  source: string,
  target: string,
  onProgress?: (done: number, total: number) => void,
): Promise<MadeVolume> {
  const { recipe, valueRanges } = model.metadata;
  const { modalities } = model.metadata.model;
  const from = modalityIndex(modalities, source, 'source modality');
  const to = modalityIndex(modalities, target, 'target modality');
  const slices = await model.translateSlices(prepared.slices, from, to, onProgress);
  const background = backgroundOf(completeRecipe(recipe, target).foreground);
  return { volume: restoreVolume(slices, prepared.record, valueRanges[target]!, background), slices };
}

/**
 * Place of a modality in the model's order.
 *
 * @param where the option it came from
 * @throws UtadError bad-argument naming the nearest known one.
 */
export function modalityIndex(modalities: readonly string[], name: string, where: string): number {
  const index = modalities.indexOf(name);
  if (index >= 0) return index;
  return fail('bad-argument', {
    where,
    expected: `one of ${modalities.join(', ')}`,
    got: name,
    ...didYouMean(name.toLowerCase(), modalities),
  });
}
