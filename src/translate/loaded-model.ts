import { closable } from '../base/closable.js';
import type { ModelMetadata } from './model-metadata.js';
import type { ModelSession } from './model-session.js';
import { type TranslateSlicesOptions, translateSlices } from './translate-slices.js';

/** A model file, ready to translate, whatever computes it. */
export interface LoadedModel {
  readonly metadata: ModelMetadata;
  /** The device that computes: `cpu`, `webgpu`, … */
  readonly device: string;
  /**
   * Translates slices [K,S,S] in [−1, 1] from one modality to another, both by index. A model that sees context slices
   * takes them for all slices of a volume, from the bottom up, and one that is given masks those of all of them.
   *
   * @returns [K,S,S], or [n,S,S] of n chosen ones; −1 throughout slices without brain
   * @throws UtadError bad-argument or bad-shape, as the function `translateSlices`; bad-argument when it is closed.
   */
  readonly translateSlices: (
    slices: Float32Array,
    source: number,
    target: number,
    options?: Omit<TranslateSlicesOptions, 'batchSize'>,
  ) => Promise<Float32Array>;
  /**
   * Frees the model, when the slices at hand are translated; it cannot translate afterwards. Closing it again does nothing.
   */
  readonly close: () => Promise<void>;
}

/** Slices at once: more are no faster on a processor, and take more memory. */
const batchSize = 4;

/** A session and what its file says of itself, as a model that translates. */
export function loadedModel(metadata: ModelMetadata, session: ModelSession): LoadedModel {
  const { use, close } = closable('the model', session.close);
  return {
    metadata,
    device: session.device,
    translateSlices: (slices, source, target, options) =>
      use(() =>
        translateSlices(session.network, metadata.model, slices, source, target, { ...options, batchSize }),
      ),
    close,
  };
}
