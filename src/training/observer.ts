import type { LossValues } from './program-outputs.js';
import type { SampleSheet } from './sample-sheet.js';

/** Is notified while a method trains. */
export interface TrainingObserver {
  readonly onBegin: (method: string, from: number, iterations: number) => void;
  readonly onStep: (method: string, iteration: number, losses: LossValues) => void;
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
