import { readVolumeName } from '../../src/datasets/read-volume-name.js';
import type { SequenceGuess } from '../../src/imaging/formats/dicom/sequence-guess.js';

/** What a volume seems to be: a modality, `tumour` or `brain` for masks, or nothing. */
export interface Recognition {
  readonly role: string | undefined;
  /** Whether a person need not look. */
  readonly sure: boolean;
  /** In words, for the page. */
  readonly because: string;
  /** Nothing speaks for anything; its intensities may. */
  readonly silent?: true;
}

/** Recognises a volume by its file's name, as the commands read it. */
export function recogniseByName(name: string, isLabels: boolean): Recognition {
  const base = name.split('/').at(-1)!;
  const found = readVolumeName(base);
  switch (found.kind) {
    case 'modality':
      return { role: found.modality, sure: true, because: 'its name says so' };
    case 'tumour':
    case 'brain':
      return { role: found.kind, sure: isLabels, because: 'its name says so' };
    case 'unsure':
    case 'other':
      return {
        role: found.kind === 'unsure' ? roleOf(found.like) : undefined,
        sure: false,
        because: found.because,
      };
    case 'unknown':
      if (isLabels) return { role: 'tumour', sure: false, because: 'it holds labels, not intensities' };
      return { role: undefined, sure: false, because: 'its name does not say', silent: true };
  }
}

/** The only thing that a volume may be. */
function roleOf(like: readonly string[]): string | undefined {
  const [only, ...more] = like;
  if (only === undefined || more.length > 0) return undefined;
  return only === 'seg' ? 'tumour' : only;
}

/** Recognises a DICOM series by what its description and parameters say. */
export function recogniseByGuess({ contrast, other, confidence, reasons }: SequenceGuess): Recognition {
  const because = reasons[0] ?? 'its description and parameters';
  if (contrast === 'unknown') return { role: undefined, sure: false, because, silent: true };
  if (contrast === 'other') return { role: undefined, sure: false, because: other ?? because };
  return { role: contrast, sure: confidence === 'high', because };
}

/** A modality, and what it may be instead where a person should look: T1 before contrast agent is like T1 after it. */
export function mayAlsoBe(modality: string, sure: boolean): readonly string[] {
  return !sure && (modality === 't1' || modality === 't1ce') ? ['t1', 't1ce'] : [modality];
}
