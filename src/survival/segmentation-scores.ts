import { fromNames } from '../base/from-names.js';
import { type MaskAgreement, maskAgreement } from '../metrics/mask-agreement.js';
import type { MaskGrid } from '../metrics/mask-grid.js';

/** What a segmenter finds on a translation and on the true image, against the given mask and each other. */
export interface SegmentationScores {
  readonly onTranslation: MaskAgreement;
  readonly onTruth: MaskAgreement;
  readonly between: MaskAgreement;
}

/**
 * Compares what a segmenter finds on a translation and on the truth with the given mask and each other.
 *
 * @param truth found on the real image, [K, S, S]
 * @param translated found on the translated one, [K, S, S]
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

const agreementNames = [
  'dice',
  'hausdorff95Mm',
  'volumeMl',
  'volumeDifferenceMl',
  'centroidDistanceMm',
] as const satisfies readonly (keyof MaskAgreement)[];

/** Means over patients, each figure over those that have it; null of none. */
export function meanSegmentation(all: readonly SegmentationScores[]): SegmentationScores | null {
  if (all.length === 0) return null;
  return fromNames(
    ['onTranslation', 'onTruth', 'between'],
    (found) =>
      fromNames(agreementNames, (figure) => mean(all.map((one) => one[found][figure]))) as MaskAgreement,
  );
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
