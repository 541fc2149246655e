import type { VolumeSource } from '../imaging/volume-source.js';
import type { LabelConvention } from './label-convention.js';

/** A volume whose name does not say surely what it holds, or that is there several times: it is not used. */
export interface UnsureVolume {
  readonly path: string;
  /** The modalities that it may be, or `seg` for a tumour mask. */
  readonly like: readonly string[];
  /** Why it is not used: `its name says “t1” and “flair”`. */
  readonly because: string;
}

/** Where a patient's volumes are; a modality that is not there is simply absent. */
export interface CaseFiles {
  /** Names the examination; `<patient>_ses-<session>` where the data set names sessions. */
  readonly id: string;
  /** Modality name → its volume. */
  readonly modalities: Readonly<Record<string, VolumeSource>>;
  /** The label volume. */
  readonly mask?: VolumeSource;
  /** What the labels mean, where it is known; every label above 0 is the whole tumour where it is not. */
  readonly labels?: LabelConvention;
  /** A volume that is not 0 in the brain or body, where the modalities are not cut out already. */
  readonly foreground?: VolumeSource;
  /** What may be one of the modalities that are absent, or the mask. */
  readonly unsure?: readonly UnsureVolume[];
}

/** The modalities of BraTS in this project's order. */
export const bratsModalities = ['t1', 't1ce', 't2', 'flair'] as const;

/** A case's id without the session that its data set names. */
export function withoutSession(id: string): string {
  return id.replace(/_ses-[^_]+$/, '');
}

/**
 * The person behind a case: examinations of one patient at several times share it, and so do a patient's
 * entries in BraTS 2021 and BraTS 2023, which kept the numbers.
 */
export function patientOf(id: string): string {
  const person = withoutSession(id);
  const glioma = /^(?:BraTS2021_|BraTS-GLI-)(\d{5})(?:-\d{3})?$/i.exec(person);
  if (glioma) return `BraTS-GLI-${glioma[1]}`;
  return person.replace(/^(BraTS-[A-Z]+-\d{5})-\d{3}$/i, '$1');
}

/** The paths of all volumes of a case, those that are not used because nobody knows what they are among them. */
export function pathsOf({ modalities, mask, foreground, unsure = [] }: CaseFiles): readonly string[] {
  return [...Object.values(modalities), mask, foreground, ...unsure].flatMap((source) =>
    source === undefined ? [] : source.path,
  );
}
