import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import { contextSlicesAt } from '../imaging/context-slices.js';

/** One slice of a held-out patient in all modalities that the patient has. */
export interface ValidationSlice {
  readonly caseId: string;
  /** Slices [S,S] in [−1, 1], in the network's order of modalities; null where the patient lacks one. */
  readonly images: readonly (Float32Array | null)[];
  /** Slices below and above, [2k,S,S], for each modality that is there; without values for networks that see none. */
  readonly contextSlices: readonly (Float32Array | null)[];
  /** [S,S], 1 in the brain, for each modality that is there. */
  readonly brains: readonly (Uint8Array | null)[];
  /** [S,S], 1 in the whole tumour. */
  readonly tumour: Uint8Array;
}

/**
 * Chooses slices of a held-out patient, evenly spaced through the brain; the one with the largest tumour comes
 * first, since sample sheets show the first ones.
 *
 * @param count how many
 * @param minimumBrainFraction slices with less brain are not chosen
 * @param contextSlices how many slices below and above each one come with it
 */
export function chooseValidationSlices(
  patient: PreparedPatient,
  modalities: readonly string[],
  count: number,
  minimumBrainFraction: number,
  contextSlices: number,
): ValidationSlice[] {
  const usable = range(patient.count).filter((k) => brainFraction(patient, k) >= minimumBrainFraction);
  const number = Math.min(count, usable.length);
  const spaced = range(number).map((i) => usable[Math.floor(((i + 0.5) * usable.length) / number)]!);
  const sizes = new Map(spaced.map((k) => [k, tumourPixels(patient, k)]));
  const largest = spaced.reduce((best, k) => (sizes.get(k)! > sizes.get(best)! ? k : best), spaced[0] ?? 0);
  const ordered = spaced.toSorted((a, b) => Number(b === largest) - Number(a === largest));
  return ordered.map((k) => toSlice(patient, modalities, k, contextSlices));
}

function toSlice(
  patient: PreparedPatient,
  modalities: readonly string[],
  k: number,
  contextSlices: number,
): ValidationSlice {
  const pixels = patient.side ** 2;
  const cut = <T extends Float32Array | Uint8Array>(data: T): T =>
    data.slice(k * pixels, (k + 1) * pixels) as T;
  return {
    caseId: patient.id,
    images: modalities.map((name) =>
      patient.modalities[name] ? cut(patient.modalities[name].slices) : null,
    ),
    contextSlices: modalities.map((name) =>
      patient.modalities[name]
        ? contextSlicesAt(patient.modalities[name].slices, pixels, [k], contextSlices)
        : null,
    ),
    brains: modalities.map((name) => (patient.modalities[name] ? cut(patient.modalities[name].brain) : null)),
    tumour: patient.tumour === undefined ? new Uint8Array(pixels) : cut(patient.tumour),
  };
}

function brainFraction(patient: PreparedPatient, k: number): number {
  const pixels = patient.side ** 2;
  return Math.min(
    ...Object.values(patient.modalities).map(
      ({ brain }) => count(brain.subarray(k * pixels, (k + 1) * pixels)) / pixels,
    ),
  );
}

function tumourPixels(patient: PreparedPatient, k: number): number {
  const pixels = patient.side ** 2;
  return patient.tumour === undefined ? 0 : count(patient.tumour.subarray(k * pixels, (k + 1) * pixels));
}

function count(mask: Uint8Array): number {
  return mask.reduce((total, value) => total + value, 0);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
