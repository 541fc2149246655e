import { fail } from '../base/errors.js';
import type { PreparedPatient } from '../datasets/prepared-patient.node.js';

/** Slices with less brain than this share of their pixels are not evaluated: almost all of them is background. */
const leastBrainShare = 0.08;

/** Which slices of a patient are evaluated, and which pixels of them. */
export interface ChosenSlices {
  /** Indices k of every slice with enough brain, bottom first. */
  readonly kept: readonly number[];
  /** Every n-th of the kept ones, beginning with the first: those that are evaluated. */
  readonly evaluated: readonly number[];
  /** [K, S, S], 1 where a pixel is brain in any modality of the patient. */
  readonly anyBrain: Uint8Array;
  /** [K, S, S], 1 where a pixel is brain in every modality of the patient. */
  readonly everyBrain: Uint8Array;
}

/**
 * Chooses the slices of a patient to evaluate: at least 8 % brain (in any modality), and of these every n-th.
 *
 * @throws UtadError bad-argument for a step below 1.
 */
export function chooseSlices(patient: PreparedPatient, every: number): ChosenSlices {
  if (!(Number.isInteger(every) && every >= 1))
    fail('bad-argument', { where: 'slice step', expected: 'a whole number from 1', got: String(every) });
  const { count, side } = patient;
  const brains = Object.values(patient.modalities).map(({ brain }) => brain);
  const anyBrain = new Uint8Array(count * side * side);
  const everyBrain = new Uint8Array(count * side * side).fill(1);
  for (const brain of brains) {
    for (let i = 0; i < brain.length; i++) {
      anyBrain[i]! |= brain[i]!;
      everyBrain[i]! &= brain[i]!;
    }
  }
  const area = side * side;
  const kept: number[] = [];
  for (let k = 0; k < count; k++) {
    let pixels = 0;
    for (let i = k * area; i < (k + 1) * area; i++) pixels += anyBrain[i]!;
    if (pixels >= leastBrainShare * area) kept.push(k);
  }
  return { kept, evaluated: kept.filter((_, i) => i % every === 0), anyBrain, everyBrain };
}

/** Copies some slices of [K, S, S] one behind the other: [chosen, S, S]. */
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
