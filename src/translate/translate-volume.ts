import { nearest } from '../base/configuration.js';
import { fail } from '../base/errors.js';
import { prepareVolume } from '../imaging/prepare.js';
import { restoreVolume } from '../imaging/restore.js';
import type { Volume } from '../imaging/volume.js';
import type { LoadedModel } from './loaded-model.js';

/** What {@link translateVolume} is told. */
export interface TranslateVolumeOptions {
  readonly model: Pick<LoadedModel, 'metadata' | 'translateSlices'>;
  /** Modality of the given volume. */
  readonly source: string;
  /** Modality to make. */
  readonly target: string;
  /** Name of the given volume, for messages. */
  readonly where?: string;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Makes the missing modality of a skull-stripped volume.
 *
 * @returns a volume on the same grid with the same affine and header; 0 outside the brain, inside between the
 *   model's `valueRanges` of the target
 * @throws UtadError bad-argument for unknown or equal modalities, bad-value when the volume does not fit the
 *   model's preparation recipe.
 */
export async function translateVolume(volume: Volume, options: TranslateVolumeOptions): Promise<Volume> {
  const { model, source, target, where = 'volume', onProgress } = options;
  const { modalities } = model.metadata.model;
  const from = modalityIndex(modalities, source, 'source modality');
  const to = modalityIndex(modalities, target, 'target modality');
  const prepared = prepareVolume(volume, model.metadata.recipe, where);
  const made = await model.translateSlices(prepared.slices, from, to, onProgress);
  return restoreVolume(made, prepared.record, model.metadata.valueRanges[target]!);
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
    todo: `Did you mean ${nearest(name.toLowerCase(), modalities)}?`,
  });
}
