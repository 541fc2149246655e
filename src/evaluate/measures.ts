import { haarPsi } from '../metrics/haar-psi.js';
import { type IntensityErrors, psnrOf } from '../metrics/intensity-errors.js';
import { pearsonCorrelation } from '../metrics/linear-fit.js';
import type { MaskGrid } from '../metrics/mask-grid.js';
import { multiScaleSsim, smallestMultiScaleSide } from '../metrics/multi-scale-ssim.js';
import { normalisedMutualInformation } from '../metrics/mutual-information.js';
import { volumeSsim } from '../metrics/volume-ssim.js';
import type { NumberStyle } from '../report/cell.js';
import { contrastOf, detailOf, isConstant, type RegionPixels, tumourContrastOf } from './region-measures.js';
import {
  gaussianSsim,
  gradients,
  type MapStatistics,
  type SimilarityMap,
  type SliceShape,
  uniformSsim,
} from './similarity-maps.js';

/**
 * How a measure is computed, and where it applies.
 *
 * - `pixels`: pooled over the pixels of each region, of all slices
 * - `map`: from a map; in the brain the mean over slices of the whole slice's, in other regions over the map inside
 * - `slices`: of whole slices, their mean; in the brain alone
 * - `volume`: of the whole volume, background included; in the brain alone
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
      readonly of: (prediction: Float32Array, truth: Float32Array, shape: SliceShape) => number | null;
    }
  | {
      readonly over: 'volume';
      readonly of: (prediction: Float32Array, truth: Float32Array, grid: MaskGrid) => number | null;
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
 * measure needs: scores, report, schema, CSV files and pages follow. What no constant can have comes first.
 */
export const measures = {
  correlation: {
    label: 'r',
    better: 'higher',
    digits: 2,
    range: { min: -1, max: 1 },
    always: false,
    meaning: 'Pearson’s correlation with the truth; 0 for a constant, null where the truth is constant',
    computation: { over: 'pixels', of: correlation },
  },
  fittedMae: {
    label: 'fitted MAE',
    better: 'lower',
    digits: 3,
    range: { min: 0 },
    always: true,
    meaning:
      'mean absolute error after the gain (0 or more) and the offset that bring the image nearest to the truth in the brain of the evaluated slices, by least squares; a constant becomes the truth’s mean',
    computation: { over: 'pixels', of: ({ fittedErrors }) => fittedErrors.meanAbsolute() },
  },
  contrast: {
    label: 'contrast',
    better: 'one',
    digits: 2,
    range: { min: 0 },
    always: false,
    meaning:
      'standard deviation, of the truth’s: 1 is right, 0 is a constant; null where the truth is constant',
    computation: { over: 'pixels', of: contrastOf },
  },
  detail: {
    label: 'detail',
    better: 'one',
    digits: 2,
    range: { min: 0 },
    always: false,
    meaning:
      'mean absolute Laplacian, of the truth’s, in the brain less its outermost voxels, along the axes whose voxels are at most 1.5 times as wide as the narrowest: 1 is right, below is blur; null where the truth has none',
    computation: { over: 'pixels', of: detailOf },
  },
  tumourContrast: {
    label: 'tumour contrast',
    better: 'one',
    digits: 2,
    range: {},
    always: false,
    meaning:
      'mean in the tumour less mean in the brain outside it, of the truth’s: 1 is right, 0 is no tumour, below 0 is an inverted one; null outside the tumour’s row, and where the truth’s difference is below 0.1',
    computation: { over: 'pixels', of: tumourContrastOf },
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
  ssim: {
    label: 'SSIM',
    better: 'higher',
    digits: 3,
    range: { max: 1 },
    always: true,
    meaning: 'structural similarity, Gaussian window of sigma 1.5 (11 pixels), value range 1',
    computation: { over: 'map', map: gaussianSsim, of: ({ mean }) => mean },
  },
  haarPsi: {
    label: 'HaarPSI',
    better: 'higher',
    digits: 3,
    range: { min: 0, max: 1 },
    always: false,
    meaning:
      'Haar wavelet-based perceptual similarity, C 30, alpha 4.2, of whole slices at half resolution; background has no weight',
    computation: {
      over: 'slices',
      of: (prediction, truth, { rows, columns }) => haarPsi(prediction, truth, rows, columns, 1),
    },
  },
  psnr: {
    label: 'PSNR',
    better: 'higher',
    digits: 1,
    range: { max: highestPsnr },
    always: true,
    meaning: 'decibels, from the mean squared error, peak 1; at most 100, also for equal images',
    computation: { over: 'pixels', of: ({ errors }) => boundedPsnr(errors) },
  },
  fittedPsnr: {
    label: 'fitted PSNR',
    better: 'higher',
    digits: 1,
    range: { max: highestPsnr },
    always: true,
    meaning: 'PSNR after the same gain and offset as the fitted MAE',
    computation: { over: 'pixels', of: ({ fittedErrors }) => boundedPsnr(fittedErrors) },
  },
  brightnessLoss: {
    label: 'brightness loss',
    better: 'lower',
    digits: 1,
    range: {},
    always: true,
    meaning: 'fitted PSNR less PSNR, decibels: what a wrong brightness and contrast of the volume cost',
    computation: {
      over: 'pixels',
      of: ({ fittedErrors, errors }) => boundedPsnr(fittedErrors) - boundedPsnr(errors),
    },
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
      of: (prediction, truth, { rows, columns }) =>
        Math.min(rows, columns) >= smallestMultiScaleSide
          ? multiScaleSsim(prediction, truth, rows, columns, 1)
          : null,
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
  volumeSsim: {
    label: 'volume SSIM',
    better: 'higher',
    digits: 3,
    range: { max: 1 },
    always: false,
    onRequest: true,
    meaning:
      'structural similarity of the whole volume with a Gaussian window in three dimensions (sigma 1.5, 11 voxels), value range 1, every voxel, background included; with the sources all-but-one only, and null below 11 voxels along an axis',
    computation: {
      over: 'volume',
      of: (prediction, truth, grid) => volumeSsim(prediction, truth, grid, 1),
    },
  },
  volumePsnr: {
    label: 'volume PSNR',
    better: 'higher',
    digits: 1,
    range: { max: highestPsnr },
    always: false,
    onRequest: true,
    meaning:
      'PSNR over every voxel of the whole volume, background included, peak 1; with the sources all-but-one only',
    computation: { over: 'volume', of: volumePsnr },
  },
} as const satisfies Readonly<Record<string, Measure>>;

/** Key of a measure. */
export type MeasureName = keyof typeof measures;

/** Keys of all measures in the order of tables. */
export const measureNames = Object.keys(measures) as readonly MeasureName[];

/** The measures of whole volumes with their background, which are computed where all other modalities are the source. */
export const volumeMeasures = ['volumeSsim', 'volumePsnr'] as const satisfies readonly MeasureName[];

/** A measure by its key. */
export function measureOf(name: MeasureName): Measure {
  return measures[name];
}

const directions = { higher: '↑', lower: '↓', one: '→ 1' } as const satisfies Record<
  Measure['better'],
  string
>;

/** A measure's head in a table: its name, and an arrow to what is better. */
export function measureHead(name: MeasureName): string {
  return `${measures[name].label} ${directions[measures[name].better]}`;
}

function boundedPsnr(errors: IntensityErrors): number {
  return Math.min(highestPsnr, psnrOf(errors.meanSquared(), 1));
}

function volumePsnr(prediction: Float32Array, truth: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < truth.length; i++) squares += (prediction[i]! - truth[i]!) ** 2;
  return Math.min(highestPsnr, psnrOf(squares / truth.length, 1));
}

/** A constant says nothing of the truth, which is a correlation of 0. */
function correlation({ prediction, truth, mask }: RegionPixels): number | null {
  const found = pearsonCorrelation(prediction, truth, mask);
  return found === null && !isConstant(truth, mask) ? 0 : found;
}

function squaredErrorShare({ truth, mask, errors }: RegionPixels): number | null {
  let squares = 0;
  for (let i = 0; i < truth.length; i++) if (mask[i]) squares += truth[i]! ** 2;
  return squares === 0 ? null : (errors.meanSquared() * errors.count()) / squares;
}

/** Null of too few pixels, and where both images are constant: they have no information to share. */
function mutualInformation({ prediction, truth, mask, errors }: RegionPixels): number | null {
  if (errors.count() < leastPixelsForMutual) return null;
  if (isConstant(prediction, mask) && isConstant(truth, mask)) return null;
  return normalisedMutualInformation(prediction, truth, bins, mask);
}
