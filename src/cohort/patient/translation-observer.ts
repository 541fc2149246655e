import type { Volume } from '../../imaging/volume.js';
import type { Translation } from '../translation-job.js';

/** Follows the translation of one patient. */
export interface TranslationObserver {
  /** A scan was read that is doubtful but can be translated. @param where its file */
  readonly onWarnings?: (where: string, warnings: readonly string[]) => void;
  readonly onProgress?: (progress: TranslationProgress) => void;
  /** A volume is on disk. */
  readonly onWritten?: (written: WrittenTranslation) => void;
}

/** How far one of the patient's volumes is. */
export interface TranslationProgress {
  readonly translation: Translation;
  /** Its place among the volumes that are not finished, from 0, and their number. */
  readonly index: number;
  readonly count: number;
  /** Slices. */
  readonly done: number;
  readonly total: number;
}

/** A volume that was translated and written. */
export interface WrittenTranslation {
  readonly translation: Translation;
  readonly volume: Volume;
  /** The device that computed it. */
  readonly device: string;
  readonly seconds: number;
  /** What its check found, where there was one. */
  readonly check?: { readonly line: string; readonly warnings: readonly string[] };
}
