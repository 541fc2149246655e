import { fail } from '../base/errors.js';
import { fromNames } from '../base/from-names.js';
import { createIntensityErrors } from '../metrics/intensity-errors.js';
import { absoluteLaplacian, interiorOf } from '../metrics/laplacian.js';
import { fitBrightness, type LinearFit, withBrightness } from '../metrics/linear-fit.js';
import type { MaskGrid } from '../metrics/mask-grid.js';
import { meanKnown } from '../report/estimate.js';
import { gatherSlices } from './choose-slices.js';
import { type MeasureName, measureNames, measureOf, type measures } from './measures.js';
import { halveMask, poolInside } from './pool-inside.js';
import type { RegionPixels } from './region-measures.js';
import { type RegionName, regionNames, type regions } from './regions.js';
import type { MapStatistics, SimilarityMap, SliceShape } from './similarity-maps.js';

/** How near a prediction is to the truth, on intensities of [0, 1]; null where a measure has nothing to say. */
export type Scores = {
  readonly [Name in MeasureName]: (typeof measures)[Name]['always'] extends true ? number : number | null;
};

/** Scores of one prediction in each region; null where a region has no pixel. */
export type RegionScores = {
  readonly [Name in RegionName]: (typeof regions)[Name]['always'] extends true ? Scores : Scores | null;
};

/** Scores of one prediction over all slices together, and of every slice for itself. */
interface PredictionScores {
  readonly volume: RegionScores;
  /** As many as there are slices; a slice without brain in every modality has none. */
  readonly slices: readonly (RegionScores | null)[];
  /** The gain and offset that bring it nearest to the truth in the brain of all slices. */
  readonly fit: LinearFit;
}

/** Where predictions are scored; all [n, rows, columns], 1 inside. */
export type SliceRegions = Readonly<Partial<Record<RegionName, Uint8Array>>> & { readonly brain: Uint8Array };

/** Which slices of a volume are scored, and where. */
interface ScoredSlices {
  readonly grid: MaskGrid;
  /** Indices of the n slices. */
  readonly places: readonly number[];
  readonly masks: SliceRegions;
  /** The brain of the whole volume, [K, rows, columns], 1 inside. */
  readonly brain: Uint8Array;
}

/** Scores a prediction against the truth, both [K, rows, columns] on [0, 1]. */
export type Scorer = (prediction: Float32Array, truth: Float32Array) => PredictionScores;

/**
 * Prepares the scores of predictions on the same slices; see {@link measures} for what is computed over what.
 *
 * @param extra measures that are computed only on request
 * @throws UtadError bad-shape or bad-value, from the measures.
 */
export function createScorer(
  { grid, places, masks, brain }: ScoredSlices,
  extra: readonly MeasureName[] = [],
): Scorer {
  const area = grid.rows * grid.columns;
  if (!masks.brain.includes(1)) {
    fail('bad-value', {
      where: 'slices',
      expected: 'a pixel that is brain in every modality of the patient',
      got: 'none',
      todo: 'Check that the volumes are co-registered.',
    });
  }
  const wanted = measureNames.filter((name) => !measureOf(name).onRequest || extra.includes(name));
  const maps = mapsOf(wanted).map((map) => ({ map, mapArea: mapAreaOf(map, grid), of: map.prepare(grid) }));
  const inner = regionNames.flatMap((name) => {
    const mask = name === 'brain' ? undefined : masks[name];
    return mask ? [{ name, mask, half: halveMask(mask, grid) }] : [];
  });
  const interior = interiorOf(brain, grid);
  const evaluatedInterior = gatherSlices(interior, area, places);
  const laplacianOf = (image: Float32Array): Float32Array => absoluteLaplacian(image, grid, places, interior);
  let latest: { readonly truth: Float32Array; readonly laplacian: Float32Array } | undefined;

  return (wholePrediction, wholeTruth) => {
    if (latest?.truth !== wholeTruth) latest = { truth: wholeTruth, laplacian: laplacianOf(wholeTruth) };
    const laplacians = { prediction: laplacianOf(wholePrediction), truth: latest.laplacian };
    const prediction = gatherSlices(wholePrediction, area, places);
    const truth = gatherSlices(wholeTruth, area, places);
    const fit = fitBrightness(prediction, truth, masks.brain);
    const fitted = withBrightness(prediction, fit);
    const count = places.length;
    const whole: Partial<Scores>[] = [];
    const values = new Map(maps.map(({ map, mapArea }) => [map, new Float64Array(count * mapArea)]));
    for (let k = 0; k < count; k++) {
      const [a, b] = [sliceOf(prediction, k, area), sliceOf(truth, k, area)];
      const statistics = new Map<SimilarityMap, MapStatistics>();
      for (const { map, mapArea, of } of maps) {
        const found = of(a, b);
        values.get(map)!.set(found.map, k * mapArea);
        statistics.set(map, found);
      }
      whole.push(ofWholeSlice(wanted, statistics, a, b, grid));
    }
    /** Of some slices, in each region. */
    const scoresOf = (first: number, last: number): RegionScores | null => {
      const part = <Data extends Part<Data>>(data: Data, size = area): Data =>
        data.subarray(first * size, last * size);
      const [a, b, c] = [part(prediction), part(truth), part(fitted)];
      const common = {
        prediction: a,
        truth: b,
        brain: part(masks.brain),
        interior: part(evaluatedInterior),
        laplacians: { prediction: part(laplacians.prediction), truth: part(laplacians.truth) },
      };
      const inside = (
        region: RegionName,
        mask: Uint8Array,
        others: (name: MeasureName) => number | null,
      ): Scores | null => {
        const errors = errorsOf(a, b, mask);
        if (errors.count() === 0) return null;
        const pixels: RegionPixels = { ...common, region, mask, errors, fittedErrors: errorsOf(c, b, mask) };
        return fromNames(measureNames, (name) => {
          const { computation } = measureOf(name);
          return computation.over === 'pixels' ? computation.of(pixels) : others(name);
        }) as Scores;
      };
      const inBrain = inside('brain', common.brain, (name) => meanOfSlices(whole.slice(first, last), name));
      if (inBrain === null) return null;
      const others = inner.map(({ name, mask, half }) => {
        const pooled = new Map(
          maps.map(({ map, mapArea }) => [
            map,
            poolInside(part(values.get(map)!, mapArea), map.scale === 2 ? part(half, mapArea) : part(mask)),
          ]),
        );
        const scores = inside(name, part(mask), (measure) => {
          const { computation } = measureOf(measure);
          const statistics = computation.over === 'map' ? pooled.get(computation.map) : undefined;
          return computation.over === 'map' && statistics ? computation.of(statistics) : null;
        });
        return [name, scores] as const;
      });
      return { ...fromNames(regionNames, () => null), brain: inBrain, ...Object.fromEntries(others) };
    };
    const all = scoresOf(0, count)!;
    const ofVolume = wanted.flatMap((name) => {
      const { computation } = measureOf(name);
      return computation.over === 'volume'
        ? [[name, computation.of(wholePrediction, wholeTruth, grid)] as const]
        : [];
    });
    return {
      volume: { ...all, brain: { ...all.brain, ...Object.fromEntries(ofVolume) } },
      slices: Array.from({ length: count }, (_, k) => scoresOf(k, k + 1)),
      fit,
    };
  };
}

interface Part<Data> {
  readonly subarray: (start: number, end: number) => Data;
}

/** The maps that some measures are taken from, each once. */
function mapsOf(names: readonly MeasureName[]): SimilarityMap[] {
  const maps = names.flatMap((name) => {
    const { computation } = measureOf(name);
    return computation.over === 'map' ? [computation.map] : [];
  });
  return [...new Set(maps)];
}

function mapAreaOf({ scale }: SimilarityMap, { rows, columns }: SliceShape): number {
  return Math.ceil(rows / scale) * Math.ceil(columns / scale);
}

/** Measures of a whole slice; those over pixels are pooled later, and those of volumes are of all slices. */
function ofWholeSlice(
  wanted: readonly MeasureName[],
  statistics: ReadonlyMap<SimilarityMap, MapStatistics>,
  prediction: Float32Array,
  truth: Float32Array,
  shape: SliceShape,
): Partial<Scores> {
  return Object.fromEntries(
    wanted.flatMap((name) => {
      const { computation } = measureOf(name);
      if (computation.over === 'slices') return [[name, computation.of(prediction, truth, shape)]];
      if (computation.over === 'map') return [[name, computation.of(statistics.get(computation.map)!)]];
      return [];
    }),
  );
}

/** Mean over slices; null where a slice has no figure. */
function meanOfSlices(slices: readonly Partial<Scores>[], name: MeasureName): number | null {
  let sum = 0;
  for (const { [name]: value } of slices) {
    if (value === null || value === undefined) return null;
    sum += value;
  }
  return sum / slices.length;
}

function errorsOf(prediction: Float32Array, truth: Float32Array, mask: Uint8Array) {
  const errors = createIntensityErrors();
  errors.add(prediction, truth, mask);
  return errors;
}

function sliceOf(data: Float32Array, k: number, area: number): Float32Array {
  return data.subarray(k * area, (k + 1) * area);
}

/** Mean of some scores, each measure over those that have it; null of none. */
function meanScores(scores: readonly Scores[]): Scores | null {
  if (scores.length === 0) return null;
  return fromNames(measureNames, (name) => meanKnown(scores.map((one) => one[name]))) as Scores;
}

/** Mean of the brain's scores, and of the other regions' over those that have one; null of none. */
export function meanRegions(all: readonly RegionScores[]): RegionScores | null {
  if (all.length === 0) return null;
  return fromNames(regionNames, (region) =>
    meanScores(all.flatMap((one) => one[region] ?? [])),
  ) as RegionScores;
}
