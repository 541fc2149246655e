import { fail } from '../base/errors.js';
import type { ComparedPatient, GridName } from './compared-patient.js';

/** How much brain a slice must have to be evaluated: less is almost all background. */
const enoughBrain: Readonly<
  Record<GridName, { readonly meaning: string; readonly least: (largest: number, area: number) => number }>
> = {
  native: {
    meaning: 'at least a quarter as many brain voxels as the slice that has most',
    least: (largest) => Math.max(1, largest / 4),
  },
  model: { meaning: 'at least 8 % brain', least: (_, area) => 0.08 * area },
};

/** The rule by which slices are evaluated, in words. */
export function enoughBrainMeaning(grid: GridName): string {
  return enoughBrain[grid].meaning;
}

/** Which slices of a patient are evaluated, and which pixels of them. */
export interface ChosenSlices {
  /** Indices k of every slice with enough brain, bottom first. */
  readonly kept: readonly number[];
  /** Every n-th of the kept ones, beginning with the first: those that are evaluated. */
  readonly evaluated: readonly number[];
  /** [K, rows, columns], 1 where a voxel is brain in any modality of the patient. */
  readonly anyBrain: Uint8Array;
  /** [K, rows, columns], 1 where a voxel is brain in every modality of the patient. */
  readonly everyBrain: Uint8Array;
}

/**
 * Chooses the slices of a patient to evaluate: those with enough brain (in any modality), and of these every n-th.
 *
 * @throws UtadError bad-argument for a step below 1.
 */
export function chooseSlices(
  { gridName, grid, modalities }: Pick<ComparedPatient, 'gridName' | 'grid' | 'modalities'>,
  every: number,
): ChosenSlices {
  if (!(Number.isInteger(every) && every >= 1))
    fail('bad-argument', { where: 'slice step', expected: 'a whole number from 1', got: String(every) });
  const area = grid.rows * grid.columns;
  const anyBrain = new Uint8Array(grid.slices * area);
  const everyBrain = new Uint8Array(grid.slices * area).fill(1);
  for (const { brain } of Object.values(modalities)) {
    for (let i = 0; i < brain.length; i++) {
      anyBrain[i]! |= brain[i]!;
      everyBrain[i]! &= brain[i]!;
    }
  }
  const counts = Array.from({ length: grid.slices }, (_, k) => {
    let pixels = 0;
    for (let i = k * area; i < (k + 1) * area; i++) pixels += anyBrain[i]!;
    return pixels;
  });
  const least = enoughBrain[gridName].least(Math.max(...counts), area);
  const kept = counts.flatMap((pixels, k) => (pixels >= least ? [k] : []));
  return { kept, evaluated: kept.filter((_, i) => i % every === 0), anyBrain, everyBrain };
}

/** Copies some slices of [K, rows, columns] one behind the other: [chosen, rows, columns]. */
export function gatherSlices<Data extends Float32Array | Uint8Array>(
  data: Data,
  area: number,
  chosen: readonly number[],
): Data {
  const out = (
    data instanceof Float32Array
      ? new Float32Array(chosen.length * area)
      : new Uint8Array(chosen.length * area)
  ) as Data;
  chosen.forEach((k, i) => {
    out.set(data.subarray(k * area, (k + 1) * area), i * area);
  });
  return out;
}
