import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import { sliceGridOf } from '../imaging/slice-grid.js';
import { centroidDistanceMm } from '../metrics/centroid-distance.js';
import { dice } from '../metrics/dice.js';
import { hausdorff95Mm } from '../metrics/hausdorff-distance.js';
import type { MaskGrid } from '../metrics/mask-grid.js';
import { maskVolumeMl, volumeDifferenceMl } from '../metrics/mask-volume.js';
import type { MaskAgreement, SegmentationScores } from './report-schema.js';

/** Finds the tumour on a patient's images, whatever network does it. */
export interface Segmenter {
  /** Its file's name, for the report. */
  readonly name: string;
  /** SHA-256 of its file. */
  readonly sha256: string;
  /**
   * @param images modality → slices [K, S, S] on [−1, 1], background −1; one of them may be a translation
   * @param target the modality that is translated, or is its truth
   * @returns [K, S, S], 1 in the whole tumour
   */
  readonly segment: (
    images: Readonly<Record<string, Float32Array>>,
    target: string,
    patient: PreparedPatient,
  ) => Promise<Uint8Array>;
}

/** The grid of a patient's slices. */
export function maskGridOf({ count, side, modalities }: PreparedPatient): MaskGrid {
  return sliceGridOf({ count, side, record: Object.values(modalities)[0]!.record });
}

/**
 * How far two masks agree: overlap, surfaces, volume and position.
 *
 * @param first [K, S, S]
 * @param second [K, S, S]
 * @throws UtadError bad-shape.
 */
export function maskAgreement(first: Uint8Array, second: Uint8Array, grid: MaskGrid): MaskAgreement {
  const isEmpty = !(first.includes(1) && second.includes(1));
  return {
    dice: dice(first, second),
    hausdorff95Mm: hausdorff95Mm(first, second, grid),
    volumeMl: maskVolumeMl(first, grid),
    volumeDifferenceMl: volumeDifferenceMl(first, second, grid),
    centroidDistanceMm: isEmpty ? null : centroidDistanceMm(first, second, grid),
  };
}

/**
 * What a network finds on a translation and on the truth, against the given mask and each other.
 *
 * @param truth found on the real images, [K, S, S]
 * @param translated found with one modality translated, [K, S, S]
 * @param mask the given one, [K, S, S]
 */
export function segmentationScores(
  truth: Uint8Array,
  translated: Uint8Array,
  mask: Uint8Array,
  grid: MaskGrid,
): SegmentationScores {
  return {
    onTranslation: maskAgreement(translated, mask, grid),
    onTruth: maskAgreement(truth, mask, grid),
    between: maskAgreement(translated, truth, grid),
  };
}

/** Means over patients, each figure over those that have it; null of none. */
export function meanSegmentation(all: readonly SegmentationScores[]): SegmentationScores | null {
  if (all.length === 0) return null;
  const mean = (values: readonly (number | null)[]): number | null => {
    const known = values.flatMap((value) => value ?? []);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  const over = (key: keyof SegmentationScores): MaskAgreement => ({
    dice: mean(all.map((one) => one[key].dice))!,
    hausdorff95Mm: mean(all.map((one) => one[key].hausdorff95Mm))!,
    volumeMl: mean(all.map((one) => one[key].volumeMl))!,
    volumeDifferenceMl: mean(all.map((one) => one[key].volumeDifferenceMl))!,
    centroidDistanceMm: mean(all.map((one) => one[key].centroidDistanceMm)),
  });
  return { onTranslation: over('onTranslation'), onTruth: over('onTruth'), between: over('between') };
}
