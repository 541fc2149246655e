import type { OutputLayoutName } from '../datasets/output-layout-name.js';
import type { Job } from '../jobs/job.js';
import type { TranslatePatientRun } from './translation-job.js';

/** What is to be done for one patient or for a data set: one job a patient. */
export interface TranslationPlan {
  readonly jobs: readonly Job<TranslatePatientRun>[];
  readonly untranslatable: readonly UntranslatablePatient[];
  /** Patients who lack nothing. */
  readonly complete: readonly string[];
  /** How the output folder of a data set is laid out; absent for one patient's files. */
  readonly layout?: OutputLayoutName;
}

/** A patient who lacks a modality that cannot be translated, and why. */
export interface UntranslatablePatient {
  readonly id: string;
  readonly message: string;
}
