/** How a measure is shown and read. */
export interface Measure {
  /** Short name for tables. */
  readonly label: string;
  readonly better: 'higher' | 'lower';
  /** Decimals that are worth showing. */
  readonly digits: number;
  /** One sentence: definition, window, pixels. */
  readonly meaning: string;
}

/** Every measure of likeness in the order of tables; the keys are those of `report.json`. */
export const measures = {
  ssim: {
    label: 'SSIM',
    better: 'higher',
    digits: 3,
    meaning: 'structural similarity, Gaussian window of sigma 1.5 (11 pixels), value range 1',
  },
  psnr: {
    label: 'PSNR',
    better: 'higher',
    digits: 1,
    meaning: 'decibels, from the mean squared error, peak 1; at most 100, also for equal images',
  },
  mae: { label: 'MAE', better: 'lower', digits: 3, meaning: 'mean absolute error' },
  nmse: {
    label: 'NMSE',
    better: 'lower',
    digits: 3,
    meaning: 'squared error over the squares of the truth; not to be compared between targets',
  },
  nmi: {
    label: 'NMI',
    better: 'higher',
    digits: 3,
    meaning: 'normalised mutual information, 1 to 2, 32 bins; null for fewer than 1024 pixels',
  },
  gmsm: {
    label: 'GMSM',
    better: 'higher',
    digits: 3,
    meaning: 'mean similarity of gradient magnitudes at half resolution: falls with blur',
  },
  gmsd: {
    label: 'GMSD',
    better: 'lower',
    digits: 3,
    meaning: 'standard deviation of the similarity of gradient magnitudes',
  },
  msSsim: {
    label: 'MS-SSIM',
    better: 'higher',
    digits: 3,
    meaning: 'multi-scale SSIM over five scales; whole slices of at least 176×176 pixels only, else null',
  },
  ssimUniform: {
    label: 'SSIM 7×7',
    better: 'higher',
    digits: 3,
    meaning: 'structural similarity, uniform window of 7×7 pixels, value range 1; null unless asked for',
  },
} as const satisfies Readonly<Record<string, Measure>>;

/** Key of a measure. */
export type MeasureName = keyof typeof measures;

/** Keys of all measures in the order of tables. */
export const measureNames = Object.keys(measures) as readonly MeasureName[];

/** Where images are compared. */
export const regionNames = ['brain', 'tumour', 'ring'] as const;

/** Name of a region. */
export type RegionName = (typeof regionNames)[number];

/** The network's translation, and the answers that need no network. */
export const answerNames = ['translation', 'copy', 'matched'] as const;

/** Name of an answer. */
export type AnswerName = (typeof answerNames)[number];

/** Whether a value is better than another. */
export function isBetter(measure: MeasureName, value: number, other: number): boolean {
  return measures[measure].better === 'lower' ? value < other : value > other;
}
