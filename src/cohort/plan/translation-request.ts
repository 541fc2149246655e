import type { OutputLayoutName } from '../../datasets/output-layout-name.js';
import type { LinkedScan, TranslateSettings } from '../translation-job.js';
import type { FusionChoice } from './fusion-choice.js';

/** Which modalities: those that a patient lacks, all of them, or some by name. */
export type Targets = 'missing' | 'all' | readonly string[];

/** What is asked for. */
export interface TranslationRequest {
  /** Of modalities by name, the patients of a data set get those that they lack. */
  readonly to: Targets;
  /** The modality to translate from; for a single volume what it is. */
  readonly from?: string;
  /** A folder; for a single volume and one modality by name the file or the folder of the series itself. */
  readonly out: string;
  /** Path of a brain mask, with `{id}` in the place of the patient. */
  readonly maskBrain?: string;
  readonly settings: TranslateSettings;

  /** For a NIfTI file: which of its volumes, from 0. */
  readonly volumeIndex?: number;
  /** For DICOM files: name, UID or description of the series to translate. */
  readonly series?: string;
  /** For one patient's files: the mask of the tumour, for the model of a teacher. */
  readonly mask?: string;

  /** For a data set: how the output is laid out; as the data set when left out. */
  readonly layout?: OutputLayoutName;
  /** For a data set: translates from several sources where a patient has them, and fuses the translations. */
  readonly fuse?: FusionChoice;
  /** With `fuse`: also writes the standard deviation between the translations. */
  readonly spread?: boolean;
  /** For a data set: puts the scans beside the synthetic volumes. */
  readonly complete?: LinkedScan['how'];
}
