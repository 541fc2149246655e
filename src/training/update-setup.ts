import type { ModelConfiguration } from '../model/configuration.js';
import type { AdamSettings } from './adam.js';
import type { PixelWeights, TruthError } from './losses.js';
import type { LossWeights } from './terms.js';

/** The two stages of the method. */
export type Stage = 'teacher' | 'student';

/** What fixes the two update programs of a stage. */
export interface UpdateSetup {
  readonly stage: Stage;
  readonly model: ModelConfiguration;
  /** The frozen teacher of a student; a network like the student's when left out. */
  readonly teacher?: ModelConfiguration;
  readonly batchSize: number;
  readonly weights: LossWeights;
  readonly adam: AdamSettings;
  /** Share of the generator's moving average that stays at each update; 0 for no average. */
  readonly averageDecay: number;
  /** Of errors of whole translations; all pixels count alike when left out. */
  readonly pixelWeights?: PixelWeights;
  /** Of the term `truth`; squared when left out. */
  readonly truthError?: TruthError;
  /**
   * Whether there are slices whose mask is not known. Losses of the tumour then take the mean over the slices of a
   * batch that have one, by the input `maskShare` [N,1,1,1].
   */
  readonly someUnmasked?: boolean;
  /** Also gives gradients (`grad.*`) and generated images (`fake`, …), for checks. */
  readonly probe?: boolean;
}
