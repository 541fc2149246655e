import { bidsNameOf, modalityOfBidsName } from '../../src/datasets/bids-name.js';
import { contentOfFileName } from '../../src/datasets/brats-name.js';
import { modalityOfName } from '../../src/imaging/words/modality-name.js';
import type { SequenceGuess } from '../../src/imaging/formats/dicom/sequence-guess.js';
import { withoutEnding } from '../../src/imaging/formats/formats.js';

/** What a volume seems to be: a modality, `tumour` or `brain` for masks, or nothing. */
export interface Recognition {
  readonly role: string | undefined;
  /** Whether a person need not look. */
  readonly sure: boolean;
  /** In words, for the page. */
  readonly because: string;
}

const known = ['t1', 't1ce', 't2', 'flair'];
const masks: Readonly<Record<string, RegExp>> = {
  brain: /brain.?mask|(^|[^a-z])mask.?brain|brainmask/i,
  tumour: /(^|[^a-z])(seg|segm|segmentation|tumou?r|lesion|label)s?([^a-z]|$)/i,
};

/** Recognises a volume by its file's name: BraTS, BIDS, or a word of the name. */
export function recogniseByName(name: string, isLabels: boolean): Recognition {
  const base = name.split('/').at(-1)!;
  const content = contentOfFileName(base);
  if (content !== undefined)
    return { role: content === 'seg' ? 'tumour' : content, sure: true, because: 'named as in BraTS' };
  const bids = bidsNameOf(base);
  const ofBids = bids && modalityOfBidsName(bids);
  if (ofBids !== undefined && known.includes(ofBids))
    return { role: ofBids, sure: true, because: 'named as in BIDS' };
  if (isLabels) {
    const role = masks['brain']!.test(base) ? 'brain' : 'tumour';
    return { role, sure: masks[role]!.test(base), because: 'holds labels, not intensities' };
  }
  const words = withoutEnding(base)
    .split(/[^a-zA-Z0-9]+/)
    .map(modalityOfName);
  // The last word that names a modality: `t1_to_flair_t2`.
  const word = words.findLast((one) => known.includes(one));
  if (word !== undefined) return { role: word, sure: false, because: 'a word of its name' };
  return { role: undefined, sure: false, because: 'its name does not say' };
}

/** Recognises a DICOM series by what its description and parameters say. */
export function recogniseByGuess({ contrast, other, confidence, reasons }: SequenceGuess): Recognition {
  const because = reasons[0] ?? 'its description and parameters';
  if (contrast === 'unknown') return { role: undefined, sure: false, because };
  if (contrast === 'other') return { role: undefined, sure: false, because: other ?? because };
  return { role: contrast, sure: confidence === 'high', because };
}

/** A modality, and what it may be instead where a person should look: T1 before contrast agent is like T1 after it. */
export function mayAlsoBe(modality: string, sure: boolean): readonly string[] {
  return !sure && (modality === 't1' || modality === 't1ce') ? ['t1', 't1ce'] : [modality];
}
