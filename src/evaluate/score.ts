import { fail } from '../base/errors.js';
import { fromNames } from '../base/from-names.js';
import { createIntensityErrors } from '../metrics/intensity-errors.js';
import { meanKnown } from '../report/estimate.js';
import { type MeasureName, measureNames, measureOf, type measures, type RegionPixels } from './measures.js';
import { halveMask, poolInside } from './pool-inside.js';
import { type RegionName, regionNames, type regions } from './regions.js';
import type { MapStatistics, SimilarityMap } from './similarity-maps.js';

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
}

/** Where predictions are scored; all [n, S, S], 1 inside. */
export type SliceRegions = Readonly<Partial<Record<RegionName, Uint8Array>>> & { readonly brain: Uint8Array };

/** Scores a prediction against the truth, both [n, S, S] on [0, 1]. */
type Scorer = (prediction: Float32Array, truth: Float32Array) => PredictionScores;

/**
 * Prepares the scores of predictions on the same slices; see {@link measures} for what is computed over what.
 *
 * @param side S
 * @param masks [n, S, S]
 * @param extra measures that are computed only on request
 * @throws UtadError bad-shape or bad-value, from the measures.
 */
export function createScorer(side: number, masks: SliceRegions, extra: readonly MeasureName[] = []): Scorer {
  const area = side * side;
  if (!masks.brain.includes(1)) {
    fail('bad-value', {
      where: 'slices',
      expected: 'a pixel that is brain in every modality of the patient',
      got: 'none',
      todo: 'Check that the volumes are co-registered.',
    });
  }
  const wanted = measureNames.filter((name) => !measureOf(name).onRequest || extra.includes(name));
  const maps = mapsOf(wanted).map((map) => ({ map, ...areasOf(map, side), of: map.prepare(side) }));
  const inner = regionNames.flatMap((name) => {
    const mask = name === 'brain' ? undefined : masks[name];
    return mask ? [{ name, mask, half: halveMask(mask, side) }] : [];
  });

  return (prediction, truth) => {
    const count = truth.length / area;
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
      whole.push(ofWholeSlice(wanted, statistics, a, b, side));
    }
    /** Of some slices, in each region. */
    const scoresOf = (first: number, last: number): RegionScores | null => {
      const part = <Data extends Part<Data>>(data: Data, size = area): Data =>
        data.subarray(first * size, last * size);
      const [a, b] = [part(prediction), part(truth)];
      const inside = (mask: Uint8Array, others: (name: MeasureName) => number | null): Scores | null => {
        const pixels = pixelsOf(a, b, mask);
        if (pixels === null) return null;
        return fromNames(measureNames, (name) => {
          const { computation } = measureOf(name);
          return computation.over === 'pixels' ? computation.of(pixels) : others(name);
        }) as Scores;
      };
      const brain = inside(part(masks.brain), (name) => meanOfSlices(whole.slice(first, last), name));
      if (brain === null) return null;
      const others = inner.map(({ name, mask, half }) => {
        const pooled = new Map(
          maps.map(({ map, mapArea }) => [
            map,
            poolInside(part(values.get(map)!, mapArea), map.scale === 2 ? part(half, mapArea) : part(mask)),
          ]),
        );
        const scores = inside(part(mask), (measure) => {
          const { computation } = measureOf(measure);
          const statistics = computation.over === 'map' ? pooled.get(computation.map) : undefined;
          return computation.over === 'map' && statistics ? computation.of(statistics) : null;
        });
        return [name, scores] as const;
      });
      return { ...fromNames(regionNames, () => null), brain, ...Object.fromEntries(others) };
    };
    return {
      volume: scoresOf(0, count)!,
      slices: Array.from({ length: count }, (_, k) => scoresOf(k, k + 1)),
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

function areasOf({ scale }: SimilarityMap, side: number): { readonly mapArea: number } {
  return { mapArea: Math.ceil(side / scale) ** 2 };
}

/** Measures of a whole slice; those over pixels are pooled later. */
function ofWholeSlice(
  wanted: readonly MeasureName[],
  statistics: ReadonlyMap<SimilarityMap, MapStatistics>,
  prediction: Float32Array,
  truth: Float32Array,
  side: number,
): Partial<Scores> {
  return Object.fromEntries(
    wanted.flatMap((name) => {
      const { computation } = measureOf(name);
      if (computation.over === 'pixels') return [];
      if (computation.over === 'slices') return [[name, computation.of(prediction, truth, side)]];
      return [[name, computation.of(statistics.get(computation.map)!)]];
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

/** Null of no pixel. */
function pixelsOf(prediction: Float32Array, truth: Float32Array, mask: Uint8Array): RegionPixels | null {
  const errors = createIntensityErrors();
  errors.add(prediction, truth, mask);
  return errors.count() === 0 ? null : { prediction, truth, mask, errors };
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
