import type { ExtractorDescription } from './report-schema.js';

/** One layer of a slice's features: C channels at P places. */
export interface FeatureLayer {
  readonly channels: number;
  /** [C, P]. */
  readonly data: Float32Array;
}

/** What an extractor says of a slice. */
export interface SliceFeatures {
  /** [D], of the whole slice: what Fréchet and kernel distance compare. */
  readonly pooled: Float32Array;
  /** What the perceptual distance compares, place by place. */
  readonly layers: readonly FeatureLayer[];
}

/** Turns slices into features. */
export interface FeatureExtractor {
  readonly description: ExtractorDescription;
  /** @param slice [S, S] on [0, 1], background 0 */
  readonly extract: (slice: Float32Array, side: number) => Promise<SliceFeatures>;
}
