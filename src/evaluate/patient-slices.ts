import { refuse } from '../base/errors.js';
import { evaluationRegions } from '../metrics/evaluation-regions.js';
import { createHistogramMatcher, type HistogramMatcher } from '../metrics/match-histogram.js';
import { type ChosenSlices, chooseSlices, enoughBrainMeaning, gatherSlices } from './choose-slices.js';
import type { ComparedPatient } from './compared-patient.js';
import type { SliceRegions } from './score.js';

/** A patient's evaluated slices and their regions, cut out of the volumes once for all translations. */
export interface PatientSlices {
  readonly chosen: ChosenSlices;
  readonly masks: SliceRegions;
  readonly tumourPixels: number;
  /** The patient's modalities that the model knows, in the model's order. */
  readonly present: readonly string[];
  /** [n, rows, columns] on [0, 1]. */
  readonly real: Readonly<Record<string, Float32Array>>;
  /** [n, rows, columns], where the modality is brain. */
  readonly brain: Readonly<Record<string, Uint8Array>>;
  /** The evaluated slices of a volume [K, rows, columns]. */
  readonly evaluated: <Data extends Float32Array | Uint8Array>(volume: Data) => Data;
  /** Positions among the evaluated slices of those that pictures show. */
  readonly shown: ShownPositions;
  /** A modality with another distribution, given as a quantile table; [K, rows, columns] on [0, 1]. */
  readonly histogramMatched: (source: string, table: readonly number[]) => Float32Array;
}

/** Which slices are shown: the one with most tumour, where there is any, and the middle one of those evaluated. */
interface ShownPositions {
  readonly tumour: number | null;
  readonly middle: number;
}

/**
 * Cuts out of a patient what is evaluated.
 *
 * @param every evaluates every n-th slice of those with enough brain
 * @throws UtadError bad-argument for a step below 1; bad-value when no slice has enough brain.
 */
export function patientSlices(patient: ComparedPatient, every: number, ringWidthMm: number): PatientSlices {
  const { grid, modalities, tumour, gridName } = patient;
  const area = grid.rows * grid.columns;
  const present = Object.keys(modalities);
  const chosen = chooseSlices(patient, every);
  if (chosen.kept.length === 0) {
    const problem = `no slice has ${enoughBrainMeaning(gridName)}`;
    refuse('bad-value', { where: patient.id, problem });
  }
  if (!chosen.everyBrain.includes(1)) {
    refuse('bad-value', {
      where: patient.id,
      problem: 'no voxel is brain in every modality',
      todo: 'Check that its volumes are co-registered.',
    });
  }
  const evaluated = <Data extends Float32Array | Uint8Array>(volume: Data): Data =>
    gatherSlices(volume, area, chosen.evaluated);
  const ring = tumour?.includes(1)
    ? evaluationRegions(chosen.everyBrain, tumour, grid, ringWidthMm).ring
    : undefined;
  const inside = tumour && evaluated(gridName === 'native' ? withinBrain(tumour, chosen.everyBrain) : tumour);
  const of = <Value>(value: (name: string) => Value): Record<string, Value> =>
    Object.fromEntries(present.map((name) => [name, value(name)]));
  const ranked = rankedVoxels(patient, chosen);
  let latest: { readonly source: string; readonly matcher: HistogramMatcher } | undefined;
  const matcherOf = (source: string): HistogramMatcher => {
    if (latest?.source !== source)
      latest = { source, matcher: createHistogramMatcher(modalities[source]!.unit, ranked(source)) };
    return latest.matcher;
  };
  return {
    chosen,
    present,
    masks: {
      brain: evaluated(chosen.everyBrain),
      ...(inside ? { tumour: inside } : {}),
      ...(ring ? { ring: evaluated(ring) } : {}),
    },
    tumourPixels: inside ? inside.reduce((sum, value) => sum + value, 0) : 0,
    real: of((name) => evaluated(modalities[name]!.unit)),
    brain: of((name) => evaluated(modalities[name]!.brain)),
    evaluated,
    shown: {
      tumour: mostTumour(inside, chosen.evaluated.length, area),
      middle: Math.floor(chosen.evaluated.length / 2),
    },
    histogramMatched: (source, table) => matcherOf(source).match(table),
  };
}

/** Outside a modality's field of view there is nothing to compare. */
function withinBrain(tumour: Uint8Array, brain: Uint8Array): Uint8Array {
  return tumour.map((inside, i) => inside & brain[i]!);
}

/**
 * Whose values are ranked for histogram matching: on the native grid the source's own brain, and on the model's the pixels of the
 * slices with enough brain that are brain in any modality.
 */
function rankedVoxels(
  { gridName, grid, modalities }: ComparedPatient,
  { kept, anyBrain }: ChosenSlices,
): (source: string) => Uint8Array {
  if (gridName === 'native') return (source) => modalities[source]!.brain;
  const area = grid.rows * grid.columns;
  const ranked = new Uint8Array(anyBrain.length);
  for (const k of kept) ranked.set(anyBrain.subarray(k * area, (k + 1) * area), k * area);
  return () => ranked;
}

/** Position of the slice with most tumour; null when there is none. */
function mostTumour(tumour: Uint8Array | undefined, count: number, area: number): number | null {
  let [best, most]: [number | null, number] = [null, 0];
  for (let i = 0; i < count; i++) {
    const pixels = tumour?.subarray(i * area, (i + 1) * area).reduce((sum, value) => sum + value, 0) ?? 0;
    if (pixels > most) [best, most] = [i, pixels];
  }
  return best;
}
