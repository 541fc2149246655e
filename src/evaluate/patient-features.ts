import { perceptualDistance } from '../metrics/perceptual-distance.js';
import type { FeatureExtractor, SliceFeatures } from './feature-extractor.js';

/** Features of a patient's slices: those of the real images and of what was made. */
export interface PatientFeatures {
  /** Slices, n. */
  readonly slices: number;
  /** Features of a slice, D. */
  readonly dimensions: number;
  /** Modality → [n, D]. */
  readonly real: Readonly<Record<string, Float32Array>>;
  readonly directions: readonly DirectionFeatures[];
}

/** A patient's features in one direction. */
export interface DirectionFeatures {
  readonly source: string;
  readonly target: string;
  /** [n, D]; null where nothing is matched. The copy's are those of the source. */
  readonly translation: Float32Array;
  readonly matched: Float32Array | null;
  /** Mean over slices; null of an extractor without layers. */
  readonly perceptual: {
    readonly translation: number | null;
    readonly copy: number | null;
    readonly matched: number | null;
  };
}

/** Made images of one direction, [n, S, S] on [0, 1]. */
export interface MadeSlices {
  readonly source: string;
  readonly target: string;
  readonly translation: Float32Array;
  readonly matched: Float32Array | null;
}

/**
 * Extracts the features of some of a patient's judged slices, slice by slice: only one slice's layers are held.
 *
 * @param real modality → [n, S, S] on [0, 1]
 * @param positions which of the n slices
 */
export async function patientFeatures(
  extractor: FeatureExtractor,
  real: Readonly<Record<string, Float32Array>>,
  made: readonly MadeSlices[],
  side: number,
  positions: readonly number[],
): Promise<PatientFeatures> {
  const { dimensions } = extractor.description;
  const empty = (): Float32Array => new Float32Array(positions.length * dimensions);
  const realFeatures = Object.fromEntries(Object.keys(real).map((name) => [name, empty()]));
  const directions = made.map(({ source, target, matched }) => ({
    source,
    target,
    translation: empty(),
    matched: matched && empty(),
    sums: { translation: 0, copy: 0, matched: 0 },
  }));
  let hasLayers = true;
  for (const [at, position] of positions.entries()) {
    const extract = (image: Float32Array): Promise<SliceFeatures> =>
      extractor.extract(image.subarray(position * side * side, (position + 1) * side * side), side);
    const ofReal: Record<string, SliceFeatures> = {};
    for (const [name, image] of Object.entries(real)) {
      ofReal[name] = await extract(image);
      realFeatures[name]!.set(ofReal[name].pooled, at * dimensions);
    }
    for (const [i, { source, target, translation, matched }] of made.entries()) {
      const truth = ofReal[target]!;
      hasLayers &&= truth.layers.length > 0;
      const one = directions[i]!;
      const ofMade = await extract(translation);
      one.translation.set(ofMade.pooled, at * dimensions);
      one.sums.translation += distanceOf(ofMade, truth);
      one.sums.copy += distanceOf(ofReal[source]!, truth);
      if (matched === null) continue;
      const ofMatched = await extract(matched);
      one.matched!.set(ofMatched.pooled, at * dimensions);
      one.sums.matched += distanceOf(ofMatched, truth);
    }
  }
  const mean = (sum: number): number | null => (hasLayers ? sum / positions.length : null);
  return {
    slices: positions.length,
    dimensions,
    real: realFeatures,
    directions: directions.map(({ sums, ...one }) => ({
      ...one,
      perceptual: {
        translation: mean(sums.translation),
        copy: mean(sums.copy),
        matched: one.matched && mean(sums.matched),
      },
    })),
  };
}

/** Sum over layers. */
function distanceOf(first: SliceFeatures, second: SliceFeatures): number {
  return first.layers.reduce(
    (sum, { channels, data }, i) => sum + perceptualDistance(data, second.layers[i]!.data, channels),
    0,
  );
}

/** Evenly spread positions, at most so many of n. */
export function spreadPositions(count: number, most: number): readonly number[] {
  const taken = Math.min(count, Math.max(1, most));
  return Array.from({ length: taken }, (_, i) => Math.floor(((i + 0.5) * count) / taken));
}
