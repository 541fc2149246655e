import type { MeanInterval } from '../metrics/bootstrap.js';
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
}

/** Means over the patients of one direction. */
export interface DirectionScores extends Comparison {
  readonly source: string;
  readonly target: string;
  /** Number of patients that have both modalities. */
  readonly patients: number;
  /** How many of them have tumour in the judged slices: those that the means in the tumour are over. */
  readonly tumourPatients: number;
}

/** All of an evaluation, as written to `report.json`. */
export interface EvaluationReport {
  readonly directions: readonly DirectionScores[];
  /** Mean over the directions, each counting the same. */
  readonly mean: Comparison;
  /** Mean over patients of their own mean over directions, with a 95 % bootstrap interval over patients. */
  readonly intervals: {
    readonly brainSsim: MeanInterval;
    readonly brainMae: MeanInterval;
    readonly tumourSsim: MeanInterval | null;
    readonly tumourMae: MeanInterval | null;
  };
  readonly patients: readonly PatientScores[];
  readonly sliceSide: number;
  /** Every how many-th slice was judged. */
  readonly every: number;
  /** What each number means, for readers of the file. */
  readonly definitions: Readonly<Record<string, string>>;
}

/** The words behind the numbers. */
export function definitionsFor(every: number): Readonly<Record<string, string>> {
  return {
    intensities:
      'each volume scaled to [0, 1] between its 0.5 and 99.5 percentile in its brain, clamped; 0 outside the brain',
    slices: `axial; of those with at least 8 % brain (any modality of the patient) ${every === 1 ? 'every one' : `every ${every}th, beginning with the lowest`}`,
    'brain.ssim':
      'Gaussian window of sigma 1.5 (11 pixels), value range 1; mean over the whole slice, background included, without a border of 5 pixels; mean over slices',
    'brain.mae': 'mean absolute error over the pixels that are brain in every modality of the patient',
    'brain.psnr':
      'decibels, from the mean squared error over the same pixels; at most 100, also for equal images',
    tumour:
      'the same over the pixels of the whole-tumour mask (SSIM: mean of its map there); patients without tumour in the judged slices are left out of these means; null when there is none',
    copy: 'the source itself as answer',
    matched: "the source given the target's distribution in the training cases, by rank; null when unknown",
    directions: 'all ordered pairs of different modalities; means over patients; mean: over directions',
  };
}
