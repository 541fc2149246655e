import type { SegmentationScores } from '../survival/segmentation-scores.js';
import { baselineNames, baselines, type OfBaselines } from './baselines.js';
import { measureNames, measures } from './measures.js';
import { regionNames, regions } from './regions.js';
import type { RegionScores } from './score.js';

/** Scores of the translation, and of the baselines. */
export type Comparison = RegionScores & OfBaselines<RegionScores>;

/** One patient in one direction. */
export type PatientScores = Comparison & {
  readonly patient: string;
  readonly source: string;
  readonly target: string;
  /** Number of slices evaluated. */
  readonly slices: number;
  /** Number of tumour pixels in them. */
  readonly tumourPixels: number;
  /** What a segmentation network finds; null without one, and without a tumour mask. */
  readonly segmentation: SegmentationScores | null;
};

/** The words behind the numbers. */
export function definitionsFor(every: number, ringWidthMm: number): Readonly<Record<string, string>> {
  return {
    intensities:
      'each volume scaled to [0, 1] between its 0.5 and 99.5 percentile in its brain, clamped; 0 outside the brain',
    slices: `axial; of those with at least 8 % brain (any modality of the patient) ${every === 1 ? 'every one' : `every ${every}th, beginning with the lowest`}`,
    ...Object.fromEntries(measureNames.map((name) => [name, measures[name].meaning])),
    ...Object.fromEntries(regionNames.map((name) => [name, regions[name].meaning(ringWidthMm)])),
    ...Object.fromEntries(baselineNames.map((name) => [name, baselines[name].meaning])),
    directions: 'all ordered pairs of different modalities; means over patients; mean: over directions',
    intervals:
      '95 %, percentile bootstrap over patients, 2000 draws, fixed seed; differences are of the same patient',
  };
}
