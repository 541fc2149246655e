import type { SegmentationScores } from '../survival/segmentation-scores.js';
import { baselineNames, baselines, type OfBaselines } from './baselines.js';
import { enoughBrainMeaning } from './choose-slices.js';
import type { GridName } from './compared-patient.js';
import { measureNames, measures } from './measures.js';
import { type ProtocolName, protocols } from './protocol.js';
import { regionNames, regions } from './regions.js';
import type { RegionScores } from './score.js';

/** Scores of the translation, and of the baselines. */
export type Comparison = RegionScores & OfBaselines<RegionScores>;

/** One patient in one direction. */
export type PatientScores = Comparison & {
  readonly patient: string;
  /** The sources' modalities, joined by ` + `. */
  readonly source: string;
  readonly target: string;
  /** Number of slices evaluated. */
  readonly slices: number;
  /** Number of tumour pixels in them. */
  readonly tumourPixels: number;
  /** What a segmentation network finds; null without one, and without a tumour mask. */
  readonly segmentation: SegmentationScores | null;
};

/** How patients were compared, as far as a report says it. */
export interface ComparisonSettings {
  readonly every: number;
  readonly ringWidthMm: number;
  readonly grid: GridName;
  readonly protocol: ProtocolName;
}

const grids: Readonly<Record<GridName, string>> = {
  native:
    'each patient’s own: translations are restored as utad translate writes them, and compared voxel by voxel with the truth',
  model: 'that of the network’s slices: the truth is resampled, and nothing is restored',
};

/** The words behind the numbers. */
export function definitionsFor({
  every,
  ringWidthMm,
  grid,
  protocol,
}: ComparisonSettings): Readonly<Record<string, string>> {
  return {
    grid: grids[grid],
    sources: protocols[protocol],
    intensities:
      'each real volume scaled to [0, 1] between the percentiles of the model’s recipe (0.5 and 99.5) of its own voxels in its brain, clamped; 0 outside the brain; translations as the network gives them on that scale',
    slices: `axial; of those with ${enoughBrainMeaning(grid)} (any modality of the patient) ${every === 1 ? 'every one' : `every ${every}th, beginning with the lowest`}`,
    ...Object.fromEntries(measureNames.map((name) => [name, measures[name].meaning])),
    ...Object.fromEntries(regionNames.map((name) => [name, regions[name].meaning(ringWidthMm)])),
    ...Object.fromEntries(baselineNames.map((name) => [name, baselines[name].meaning])),
    directions: 'means over patients; mean: over directions',
    intervals:
      '95 %, percentile bootstrap over patients, 2000 draws, fixed seed; differences are of the same patient',
  };
}
