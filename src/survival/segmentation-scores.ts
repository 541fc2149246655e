import { fromNames } from '../base/from-names.js';
import { dice } from '../metrics/dice.js';
import { type MaskAgreement, maskAgreement } from '../metrics/mask-agreement.js';
import type { MaskGrid } from '../metrics/mask-grid.js';
import type { FoundRegions } from './find-regions.js';

/** What a segmenter finds on a translation and on the true image, against the given mask and each other. */
export interface SegmentationScores {
  /** Of the outermost region. */
  readonly onTranslation: MaskAgreement;
  readonly onTruth: MaskAgreement;
  readonly between: MaskAgreement;
  /** Region → Dice of what is found on the translation and on the true image. */
  readonly regionDice: Readonly<Record<string, number>>;
}

/**
 * Compares what a segmenter finds on a translation and on the truth with the given mask and each other.
 *
 * @param truth found on the real image, masks [K, rows, columns], the outermost region first
 * @param translated found on the translated one
 * @param mask the given one, of the outermost region
 */
export function segmentationScores(
  truth: FoundRegions,
  translated: FoundRegions,
  mask: Uint8Array,
  grid: MaskGrid,
): SegmentationScores {
  const [real] = Object.values(truth) as [Uint8Array];
  const [synthetic] = Object.values(translated) as [Uint8Array];
  return {
    onTranslation: maskAgreement(synthetic, mask, grid),
    onTruth: maskAgreement(real, mask, grid),
    between: maskAgreement(synthetic, real, grid),
    regionDice: fromNames(Object.keys(truth), (name) => dice(translated[name]!, truth[name]!)),
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
  const [first] = all;
  if (first === undefined) return null;
  const agreement = (found: 'onTranslation' | 'onTruth' | 'between'): MaskAgreement =>
    fromNames(agreementNames, (figure) => mean(all.map((one) => one[found][figure]))) as MaskAgreement;
  return {
    onTranslation: agreement('onTranslation'),
    onTruth: agreement('onTruth'),
    between: agreement('between'),
    regionDice: fromNames(Object.keys(first.regionDice), (name) =>
      mean(all.map(({ regionDice }) => regionDice[name]!)),
    ) as Record<string, number>,
  };
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
