import type { CaseFiles } from '../datasets/case.js';
import type { FormatName } from '../imaging/formats/formats.js';
import type { ReadLimits } from '../imaging/read-limits.js';
import type { VolumeSource } from '../imaging/volume-source.js';

/** How volumes are translated and written, whatever the patient; plain JSON. */
export interface TranslateSettings {
  readonly model: { readonly path: string; readonly sha256: string };
  readonly device: string;
  /** Threads on the CPU; null for all cores. */
  readonly threads: number | null;
  readonly datatype: 'float32' | 'int16';
  readonly format: FormatName;
  /** A network that finds the brain in volumes that still have their skull; null for none. */
  readonly skullStrip: string | null;
  /** Maps of disagreement beside the synthetic volumes; null for none. */
  readonly check: {
    /** A network that segments the tumour before and after the translation. */
    readonly segmenter: { readonly path: string; readonly sha256: string } | null;
  } | null;
  readonly limits: ReadLimits;
  /** Overwrites existing files. */
  readonly force: boolean;
}

/** A modality to translate into, and from which scan. */
export interface ChosenTranslation {
  readonly target: string;
  readonly source: string;
  readonly from: VolumeSource;
  /** Why from this source. */
  readonly chosenBy: string;
  /** What planning found doubtful about the source. */
  readonly notes?: readonly string[];
}

/** The sources that one volume is translated from together, or fused from; plain JSON. */
export interface FusedFrom {
  /** Their modalities. */
  readonly sources: readonly string[];
  /** The scans after the first. */
  readonly more: readonly VolumeSource[];
  /** [bins][sources]; null for the plain mean. */
  readonly weights: readonly (readonly number[])[] | null;
  /** Tells one fusing from another; `joint` where one network is given all sources together. */
  readonly key: string;
  readonly joint?: true;
}

/** One volume to translate, and where it goes. */
export interface Translation extends ChosenTranslation {
  /** The file, or the folder of a DICOM series. */
  readonly out: string;
  /** Set when it is fused from several sources: `source` names all of them, and `from` is the first. */
  readonly fused?: FusedFrom;
  /** Where the map of the sources' spread goes. */
  readonly spreadOut?: string;
}

/** A scan to put beside the synthetic volumes. */
export interface LinkedScan {
  readonly from: VolumeSource;
  readonly out: string;
  readonly how: 'link' | 'copy';
}

/** Where a patient's tumour is, for the model of a teacher; plain JSON. */
export type TumourFiles = Required<Pick<CaseFiles, 'mask'>> & Pick<CaseFiles, 'labels'>;

/** The plan for one patient, as a job: every volume to translate, and the scans to put beside; plain JSON. */
export interface TranslatePatientRun {
  readonly kind: 'translate-patient';
  readonly patient: string;
  readonly settings: TranslateSettings;
  readonly translations: readonly Translation[];
  /** The patient's scans by modality, which should show the same head in the same place. */
  readonly scans: Readonly<Record<string, VolumeSource>>;
  /** A brain mask, for scans that are not skull-stripped. */
  readonly brain: VolumeSource | null;
  /** For the model of a teacher; absent for a student's. */
  readonly tumour?: TumourFiles;
  readonly linkedScans: readonly LinkedScan[];
}

/** Paths of the scans and masks that a patient's job reads, each once. */
export function scansOf({ scans, translations, brain, tumour }: TranslatePatientRun): readonly string[] {
  const read = [
    ...Object.values(scans),
    ...translations.flatMap(({ from, fused }) => [from, ...(fused?.more ?? [])]),
    ...(brain ? [brain] : []),
    ...(tumour ? [tumour.mask] : []),
  ];
  return [...new Set(read.map(({ path }) => path))];
}

/** What became of one volume. */
export interface TranslationResult {
  readonly target: string;
  readonly source: string;
  readonly out: string;
  readonly chosenBy: string;
  /** `kept`: it was there already, from the same source, model and settings. */
  readonly status: 'translated' | 'kept' | 'failed';
  readonly message?: string;
}

/** What became of one patient. */
export interface TranslatePatientResult {
  readonly translations: readonly TranslationResult[];
  readonly warnings: readonly string[];
}
