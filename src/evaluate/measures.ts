import { type IntensityErrors, psnrOf } from '../metrics/intensity-errors.js';
import { multiScaleSsim, smallestMultiScaleSide } from '../metrics/multi-scale-ssim.js';
import { normalisedMutualInformation } from '../metrics/mutual-information.js';
import type { NumberStyle } from '../report/cell.js';
import {
  gaussianSsim,
  gradients,
  type MapStatistics,
  type SimilarityMap,
  uniformSsim,
} from './similarity-maps.js';

/** Pixels of a region that a measure is pooled over, images on [0, 1]. */
export interface RegionPixels {
  readonly prediction: Float32Array;
  readonly truth: Float32Array;
  /** 1 inside; not empty. */
  readonly mask: Uint8Array;
  /** Errors over these pixels. */
  readonly errors: IntensityErrors;
}

/**
 * How a measure is computed, and where it applies.
 *
 * - `pixels`: pooled over the pixels of each region, of all slices
 * - `map`: from a map; in the brain the mean over slices of the whole slice's, in other regions over the map inside
 * - `slices`: of whole slices, their mean; in the brain alone
 */
type Computation =
  | { readonly over: 'pixels'; readonly of: (pixels: RegionPixels) => number | null }
  | {
      readonly over: 'map';
      readonly map: SimilarityMap;
      readonly of: (statistics: MapStatistics) => number | null;
    }
  | {
      readonly over: 'slices';
      readonly of: (prediction: Float32Array, truth: Float32Array, side: number) => number | null;
    };

/** A measure: how it is computed, shown and read. */
interface Measure extends Required<NumberStyle> {
  /** Short name for tables. */
  readonly label: string;
  /** Least and largest value, as far as there are. */
  readonly range: { readonly min?: number; readonly max?: number };
  /** There is a figure wherever there are pixels. */
  readonly always: boolean;
  /** Computed only where it is asked for; null otherwise. */
  readonly onRequest?: true;
  /** One sentence: definition, window, pixels, unit. */
  readonly meaning: string;
  readonly computation: Computation;
}

/** What PSNR is reported as when it is higher, and for equal images, where it is infinite (JSON has no Infinity). */
const highestPsnr = 100;

/** Bins of the mutual information along each image. */
const bins = 32;
/** Fewer pixels than the joint histogram has cells look related whatever they are. */
const leastPixelsForMutual = bins * bins;

/**
 * Every measure of likeness in the order of tables; the keys are those of `report.json`. A row here is all that a
 * measure needs: scores, report, schema, CSV files and pages follow.
 */
export const measures = {
  ssim: {
    label: 'SSIM',
    better: 'higher',
    digits: 3,
    range: { max: 1 },
    always: true,
    meaning: 'structural similarity, Gaussian window of sigma 1.5 (11 pixels), value range 1',
    computation: { over: 'map', map: gaussianSsim, of: ({ mean }) => mean },
  },
  psnr: {
    label: 'PSNR',
    better: 'higher',
    digits: 1,
    range: { max: highestPsnr },
    always: true,
    meaning: 'decibels, from the mean squared error, peak 1; at most 100, also for equal images',
    computation: {
      over: 'pixels',
      of: ({ errors }) => Math.min(highestPsnr, psnrOf(errors.meanSquared(), 1)),
    },
  },
  mae: {
    label: 'MAE',
    better: 'lower',
    digits: 3,
    range: { min: 0, max: 1 },
    always: true,
    meaning: 'mean absolute error',
    computation: { over: 'pixels', of: ({ errors }) => errors.meanAbsolute() },
  },
  nmse: {
    label: 'NMSE',
    better: 'lower',
    digits: 3,
    range: { min: 0 },
    always: false,
    meaning: 'squared error over the squares of the truth; not to be compared between targets',
    computation: { over: 'pixels', of: squaredErrorShare },
  },
  nmi: {
    label: 'NMI',
    better: 'higher',
    digits: 3,
    range: {},
    always: false,
    meaning: 'normalised mutual information, 1 to 2, 32 bins; null for fewer than 1024 pixels',
    computation: { over: 'pixels', of: mutualInformation },
  },
  gmsm: {
    label: 'GMSM',
    better: 'higher',
    digits: 3,
    range: {},
    always: false,
    meaning: 'mean similarity of gradient magnitudes at half resolution: falls with blur',
    computation: { over: 'map', map: gradients, of: ({ mean }) => mean },
  },
  gmsd: {
    label: 'GMSD',
    better: 'lower',
    digits: 3,
    range: { min: 0 },
    always: false,
    meaning: 'standard deviation of the similarity of gradient magnitudes',
    computation: { over: 'map', map: gradients, of: ({ deviation }) => deviation },
  },
  msSsim: {
    label: 'MS-SSIM',
    better: 'higher',
    digits: 3,
    range: {},
    always: false,
    meaning: 'multi-scale SSIM over five scales; whole slices of at least 176×176 pixels only, else null',
    computation: {
      over: 'slices',
      of: (prediction, truth, side) =>
        side >= smallestMultiScaleSide ? multiScaleSsim(prediction, truth, side, side, 1) : null,
    },
  },
  ssimUniform: {
    label: 'SSIM 7×7',
    better: 'higher',
    digits: 3,
    range: {},
    always: false,
    onRequest: true,
    meaning: 'structural similarity, uniform window of 7×7 pixels, value range 1; null unless asked for',
    computation: { over: 'map', map: uniformSsim, of: ({ mean }) => mean },
  },
} as const satisfies Readonly<Record<string, Measure>>;

/** Key of a measure. */
export type MeasureName = keyof typeof measures;

/** Keys of all measures in the order of tables. */
export const measureNames = Object.keys(measures) as readonly MeasureName[];

/** A measure by its key. */
export function measureOf(name: MeasureName): Measure {
  return measures[name];
}

/** A measure's head in a table: its name, and an arrow to what is better. */
export function measureHead(name: MeasureName): string {
  return `${measures[name].label} ${measures[name].better === 'higher' ? '↑' : '↓'}`;
}

function squaredErrorShare({ truth, mask, errors }: RegionPixels): number | null {
  let squares = 0;
  for (let i = 0; i < truth.length; i++) if (mask[i]) squares += truth[i]! ** 2;
  return squares === 0 ? null : (errors.meanSquared() * errors.count()) / squares;
}

/** Null of too few pixels, and where both images are constant: they have no information to share. */
function mutualInformation({ prediction, truth, mask, errors }: RegionPixels): number | null {
  if (errors.count() < leastPixelsForMutual) return null;
  const varies = (image: Float32Array): boolean => {
    const first = image[mask.indexOf(1)];
    return image.some((value, i) => mask[i] === 1 && value !== first);
  };
  if (!varies(prediction) && !varies(truth)) return null;
  return normalisedMutualInformation(prediction, truth, bins, mask);
}
