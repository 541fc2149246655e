import { fromNames } from '../base/from-names.js';
import { perceptualDistance } from '../metrics/perceptual-distance.js';
import { type PredictionName, predictionNames } from './baselines.js';
import type { FeatureExtractor, SliceFeatures } from './feature-extractor.js';

/** A value for every prediction of a direction; null where there is none. */
export type OfPredictions<Value> = Readonly<Record<PredictionName, Value | null>>;

/** Features of a patient's slices: those of the real images and of what was predicted. */
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
  /** [n, D]. */
  readonly features: OfPredictions<Float32Array>;
  /** Mean distance to the truth over slices; null of an extractor without layers, too. */
  readonly perceptual: OfPredictions<number>;
}

/** The predictions of one direction, [n, S, S] on [0, 1]. */
export interface DirectionPredictions {
  readonly source: string;
  readonly target: string;
  readonly images: OfPredictions<Float32Array>;
}

/**
 * Extracts the features of some of a patient's evaluated slices, slice by slice: only one slice's layers are held.
 *
 * @param real modality → [n, S, S] on [0, 1]; predictions that are one of these have its features
 * @param positions which of the n slices
 */
export async function patientFeatures(
  extractor: FeatureExtractor,
  real: Readonly<Record<string, Float32Array>>,
  predictions: readonly DirectionPredictions[],
  side: number,
  positions: readonly number[],
): Promise<PatientFeatures> {
  const { dimensions } = extractor.description;
  const modalityOf = new Map(Object.entries(real).map(([name, image]) => [image, name]));
  const realFeatures = fromNames(Object.keys(real), () => new Float32Array(positions.length * dimensions));
  const directions = predictions.map(({ source, target, images }) => ({
    source,
    target,
    features: fromNames(predictionNames, (name) => {
      const image = images[name];
      if (image === null) return null;
      const modality = modalityOf.get(image);
      return modality === undefined
        ? new Float32Array(positions.length * dimensions)
        : realFeatures[modality]!;
    }),
    sums: fromNames(predictionNames, () => 0),
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
    for (const [i, { target, images }] of predictions.entries()) {
      const truth = ofReal[target]!;
      hasLayers &&= truth.layers.length > 0;
      const { features, sums } = directions[i]!;
      for (const name of predictionNames) {
        const image = images[name];
        if (image === null) continue;
        const modality = modalityOf.get(image);
        const found = modality === undefined ? await extract(image) : ofReal[modality]!;
        if (modality === undefined) features[name]!.set(found.pooled, at * dimensions);
        sums[name] += distanceOf(found, truth);
      }
    }
  }
  return {
    slices: positions.length,
    dimensions,
    real: realFeatures,
    directions: directions.map(({ sums, ...one }) => ({
      ...one,
      perceptual: fromNames(predictionNames, (name) =>
        hasLayers && one.features[name] !== null ? sums[name] / positions.length : null,
      ),
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
