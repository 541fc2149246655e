import { measureNames, measures } from './measures.js';
import type { SegmentationScores } from './report-schema.js';
import type { RegionScores } from './score.js';

/** Scores of the translation, and of the two answers that need no network. */
export interface Comparison extends RegionScores {
  /** The source itself as answer. */
  readonly copy: RegionScores;
  /** The source with the target's distribution as answer; null without a table of that distribution. */
  readonly matched: RegionScores | null;
}

/** One patient in one direction. */
export interface PatientScores extends Comparison {
  readonly patient: string;
  readonly source: string;
  readonly target: string;
  /** Number of slices judged. */
  readonly slices: number;
  /** Number of tumour pixels in them. */
  readonly tumourPixels: number;
  /** What a segmentation network finds; null without one, and without a tumour mask. */
  readonly segmentation: SegmentationScores | null;
}

/** The words behind the numbers. */
export function definitionsFor(every: number, ringWidthMm: number): Readonly<Record<string, string>> {
  return {
    intensities:
      'each volume scaled to [0, 1] between its 0.5 and 99.5 percentile in its brain, clamped; 0 outside the brain',
    slices: `axial; of those with at least 8 % brain (any modality of the patient) ${every === 1 ? 'every one' : `every ${every}th, beginning with the lowest`}`,
    ...Object.fromEntries(measureNames.map((name) => [name, measures[name].meaning])),
    brain:
      'SSIM, MS-SSIM and gradient similarity: means over slices of the whole slice, background included (SSIM without its border); the others: pooled over the pixels that are brain in every modality of the patient',
    tumour:
      'everything over the pixels of the whole-tumour mask; patients without tumour in the judged slices are left out of these means; null when there is none',
    ring: `the same over the brain outside the tumour, at most ${ringWidthMm} mm away from it`,
    copy: 'the source itself as answer',
    matched: "the source given the target's distribution in the training cases, by rank; null when unknown",
    directions: 'all ordered pairs of different modalities; means over patients; mean: over directions',
    intervals:
      '95 %, percentile bootstrap over patients, 2000 draws, fixed seed; differences are of the same patient',
  };
}
