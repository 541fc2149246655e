import { fail } from '../base/errors.js';
import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import { type SliceGrid, sliceGridOf } from '../imaging/slice-grid.js';
import { evaluationRegions } from '../metrics/evaluation-regions.js';
import { createHistogramMatcher, type HistogramMatcher } from '../metrics/match-histogram.js';
import { toUnit } from '../metrics/unit-value.js';
import { type ChosenSlices, chooseSlices, gatherSlices } from './choose-slices.js';
import type { SliceRegions } from './score.js';

/** A patient's evaluated slices and their regions, cut out of the volumes once for all directions. */
export interface PatientSlices {
  readonly chosen: ChosenSlices;
  /** S·S. */
  readonly area: number;
  readonly masks: SliceRegions;
  readonly tumourPixels: number;
  /** The patient's modalities that the model knows, in the model's order. */
  readonly present: readonly string[];
  /** [n, S, S] on [0, 1]. */
  readonly real: Readonly<Record<string, Float32Array>>;
  /** [n, S, S], where the modality is brain. */
  readonly brain: Readonly<Record<string, Uint8Array>>;
  /** The evaluated slices of a volume [K, S, S]. */
  readonly evaluated: <Data extends Float32Array | Uint8Array>(volume: Data) => Data;
  /** Of [n, S, S], the slice that pictures show, [S, S], times a factor in whole numbers. */
  readonly show: (image: Float32Array, factor: number) => Uint8Array;
  /** Position among the evaluated slices of the one that pictures show: with most tumour, or the middle one. */
  readonly shown: number;
  /** A modality's evaluated slices with another distribution, given as a quantile table; [n, S, S] on [0, 1]. */
  readonly histogramMatched: (source: string, table: readonly number[]) => Float32Array;
}

/**
 * Cuts out of a patient what is evaluated.
 *
 * @param every evaluates every n-th slice of those with enough brain
 * @throws UtadError bad-argument for a step below 1; bad-value when no slice has enough brain.
 */
export function patientSlices(
  patient: PreparedPatient,
  modalities: readonly string[],
  every: number,
  ringWidthMm: number,
): PatientSlices {
  const area = patient.side ** 2;
  const present = modalities.filter((name) => patient.modalities[name]);
  const chosen = chooseSlices(patient, every);
  if (chosen.kept.length === 0) {
    fail('bad-value', { where: patient.id, expected: 'slices with 8 % of brain or more', got: 'none' });
  }
  if (!chosen.everyBrain.includes(1)) {
    fail('bad-value', {
      where: patient.id,
      expected: 'voxels that are brain in every modality',
      got: 'none',
      todo: 'Check that its volumes are co-registered.',
    });
  }
  const evaluated = <Data extends Float32Array | Uint8Array>(volume: Data): Data =>
    gatherSlices(volume, area, chosen.evaluated);
  const { tumour } = patient;
  const ring = tumour?.includes(1)
    ? evaluationRegions(chosen.everyBrain, tumour, patientGrid(patient), ringWidthMm).ring
    : undefined;
  const inside = tumour && evaluated(tumour);
  const of = <Value>(value: (name: string) => Value): Record<string, Value> =>
    Object.fromEntries(present.map((name) => [name, value(name)]));
  const shown = mostTumour(inside, chosen.evaluated.length, area);
  const positions = chosen.evaluated.map((k) => chosen.kept.indexOf(k));
  let latest: { readonly source: string; readonly matcher: HistogramMatcher } | undefined;
  const matcherOf = (source: string): HistogramMatcher => {
    if (latest?.source !== source) {
      // Ranks are among all slices with enough brain, not only the evaluated ones: the distribution is the patient's.
      const kept = gatherSlices(patient.modalities[source]!.slices, area, chosen.kept).map(toUnit);
      const inBrain = gatherSlices(chosen.anyBrain, area, chosen.kept);
      latest = { source, matcher: createHistogramMatcher(kept, inBrain) };
    }
    return latest.matcher;
  };
  return {
    chosen,
    area,
    present,
    masks: {
      brain: evaluated(chosen.everyBrain),
      ...(inside ? { tumour: inside } : {}),
      ...(ring ? { ring: evaluated(ring) } : {}),
    },
    tumourPixels: inside ? inside.reduce((sum, value) => sum + value, 0) : 0,
    real: of((name) => evaluated(patient.modalities[name]!.slices).map(toUnit)),
    brain: of((name) => evaluated(patient.modalities[name]!.brain)),
    evaluated,
    shown,
    show: (image, factor) =>
      Uint8Array.from(image.subarray(shown * area, (shown + 1) * area), (value) =>
        Math.min(255, Math.round(factor * value)),
      ),
    histogramMatched: (source, table) => gatherSlices(matcherOf(source).match(table), area, positions),
  };
}

/** The grid of a patient's prepared slices. */
export function patientGrid({ count, side, modalities }: PreparedPatient): SliceGrid {
  return sliceGridOf({ count, side, record: Object.values(modalities)[0]!.record });
}

/** Position of the slice with most tumour, or of the middle one when there is none. */
function mostTumour(tumour: Uint8Array | undefined, count: number, area: number): number {
  let [best, most] = [Math.floor(count / 2), 0];
  for (let i = 0; i < count; i++) {
    const pixels = tumour?.subarray(i * area, (i + 1) * area).reduce((sum, value) => sum + value, 0) ?? 0;
    if (pixels > most) [best, most] = [i, pixels];
  }
  return best;
}
