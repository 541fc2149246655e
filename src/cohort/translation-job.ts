import type { CaseFiles } from '../datasets/case.js';
import type { ReadLimits } from '../imaging/read-limits.js';
import type { VolumeSource } from '../imaging/volume-source.js';

/** How volumes are made and written, whatever they are made of; plain JSON. */
export interface TranslateSettings {
  readonly model: { readonly path: string; readonly sha256: string };
  readonly device: string;
  /** Threads on the CPU; null for all cores. */
  readonly threads: number | null;
  readonly datatype: 'float32' | 'int16';
  readonly format: 'nifti' | 'dicom';
  /** A network that finds the brain in volumes that still have their skull; null for none. */
  readonly skullStrip: string | null;
  /** Maps of disagreement beside what is made; null for none. */
  readonly check: {
    /** A network that looks for the tumour before and after. */
    readonly segmenter: { readonly path: string; readonly sha256: string } | null;
  } | null;
  readonly limits: ReadLimits;
  /** Overwrite what is there. */
  readonly force: boolean;
}

/** One volume to make, and what from. */
export interface ChosenTranslation {
  readonly target: string;
  readonly source: string;
  readonly from: VolumeSource;
  /** Why from this source. */
  readonly chosenBy: string;
}

/** Several sources that one volume is fused from; plain JSON. */
export interface FusedFrom {
  /** All of them. */
  readonly sources: readonly string[];
  /** Where the others than the first are. */
  readonly more: readonly VolumeSource[];
  /** [bins][sources]; null for the plain mean. */
  readonly weights: readonly (readonly number[])[] | null;
  /** Tells one fusing from another. */
  readonly key: string;
}

/** One volume to make, and where it goes. */
export interface Translation extends ChosenTranslation {
  /** The file, or the folder of a DICOM series. */
  readonly out: string;
  /** Where it is fused from several sources; `source` names all of them then, and `from` is the first. */
  readonly fused?: FusedFrom;
  /** Where the map of the sources' spread goes. */
  readonly spreadOut?: string;
}

/** A scan to put beside the made volumes. */
export interface Companion {
  readonly from: VolumeSource;
  readonly out: string;
  readonly how: 'link' | 'copy';
}

/** Where a patient's tumour is, for the model of a teacher; plain JSON. */
export type TumourFiles = Required<Pick<CaseFiles, 'mask'>> & Pick<CaseFiles, 'labels'>;

/** The work on one patient: every volume to make, and the scans to put beside. */
export interface TranslatePatientRun {
  readonly kind: 'translate-patient';
  readonly patient: string;
  readonly settings: TranslateSettings;
  readonly translations: readonly Translation[];
  /** The patient's scans by modality, which should show the same head in the same place. */
  readonly scans: Readonly<Record<string, VolumeSource>>;
  /** A brain mask, where the scans are not cut out. */
  readonly brain: VolumeSource | null;
  /** For a model that is given a mask; absent for another. */
  readonly tumour?: TumourFiles;
  readonly companions: readonly Companion[];
}
