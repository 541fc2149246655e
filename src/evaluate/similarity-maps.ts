import { gradientSimilarity } from '../metrics/gradient-similarity.js';
import { createSsim } from '../metrics/ssim.js';

/** Pixels of a slice. */
export interface SliceShape {
  readonly rows: number;
  readonly columns: number;
}

/** Mean and standard deviation of a map's values; null of too few. */
export interface MapStatistics {
  readonly mean: number | null;
  readonly deviation: number | null;
}

/** A map of the similarity of two slices, from which measures are taken. */
export interface SimilarityMap {
  /** 2 where the map has half the resolution of the slices. */
  readonly scale: 1 | 2;
  /**
   * Prepares the map for slices of one shape.
   *
   * @returns the map of two slices on [0, 1], [⌈rows/scale⌉, ⌈columns/scale⌉], and its statistics over the whole slice
   */
  readonly prepare: (
    shape: SliceShape,
  ) => (prediction: Float32Array, truth: Float32Array) => MapStatistics & { readonly map: Float64Array };
}

function ssimMap(window: 'gaussian' | 'uniform'): SimilarityMap {
  return {
    scale: 1,
    prepare: ({ rows, columns }) => {
      const ssim = createSsim(rows, columns, { valueRange: 1, window });
      return (prediction, truth) => {
        const map = ssim.map(prediction, truth);
        return { map, mean: ssim.mean(map), deviation: null };
      };
    },
  };
}

/** Structural similarity with the Gaussian window. */
export const gaussianSsim = ssimMap('gaussian');

/** Structural similarity with the uniform window of 7×7 pixels. */
export const uniformSsim = ssimMap('uniform');

/** Similarity of the gradients' magnitudes at half resolution. */
export const gradients: SimilarityMap = {
  scale: 2,
  prepare:
    ({ rows, columns }) =>
    (prediction, truth) =>
      gradientSimilarity(prediction, truth, rows, columns, 1),
};
