/** Where a patient's files are; a modality that is not there is simply absent. */
export interface CaseFiles {
  /** Name of the patient's folder. */
  readonly id: string;
  /** Modality name → path. */
  readonly modalities: Readonly<Record<string, string>>;
  /** Path of the tumour labels. */
  readonly mask?: string;
}

/** The modalities of BraTS in this project's order. */
export const bratsModalities = ['t1', 't1ce', 't2', 'flair'] as const;

/**
 * The person behind a case: examinations of one patient at several times share it, and so do a patient's
 * entries in BraTS 2021 and BraTS 2023, which kept the numbers.
 */
export function patientOf(id: string): string {
  const glioma = /^(?:BraTS2021_|BraTS-GLI-)(\d{5})(?:-\d{3})?$/i.exec(id);
  if (glioma) return `BraTS-GLI-${glioma[1]}`;
  return id.replace(/^(BraTS-[A-Z]+-\d{5})-\d{3}$/i, '$1');
}
