import type { LossValues } from './program-outputs.js';
import type { SampleSheet } from './sample-sheet.js';

/** Is notified while a method trains. */
export interface TrainingObserver {
  readonly onBegin: (method: string, from: number, iterations: number) => void;
  readonly onStep: (method: string, iteration: number, losses: LossValues) => void;
  /** What a person should know, as a sentence: a checkpoint that is damaged, slices that are prepared again. */
  readonly onNotice: (text: string) => void;
  readonly onValidation: (method: string, iteration: number, outcome: ValidationOutcome) => Promise<void>;
}

/** What a validation found. */
interface ValidationOutcome {
  /** The score in a line. */
  readonly text: string;
  readonly samples: SampleSheet | null;
  /** Whether it is the best so far. */
  readonly best: boolean;
}
