import { endingIn, fileFormats, withoutEnding } from '../imaging/formats/formats.js';
import { type BidsName, bidsNameOf } from './bids-name.js';
import { readImageWords } from './image-words.js';
import { maskWordsIn, readMaskWords } from './mask-words.js';
import { wordsOf } from './name-words.js';
import { readBidsName } from './read-bids-name.js';
import type { VolumeName } from './volume-name.js';

/** What is known beside a name. */
interface NameContext {
  /** The name of the folder that is the patient's. */
  readonly id?: string;
  /** The words of the other names in the folder: what a name shares with them is no word about it alone. */
  readonly beside?: ReadonlySet<string>;
  /** The T1 with contrast agent is another file: words about it in the id are not about this one. */
  readonly contrastIsKnown?: boolean;
}

/**
 * Reads a volume's name, as data sets, scanners, converters and people write it. It is a modality or a mask only where
 * the name ends in a word for it and no other word casts doubt on that: a second modality, a word about contrast agent
 * beside T1, a sequence that is none of the four, a part of the body beside `seg`.
 *
 * @param name with its ending; the names of other files say nothing
 */
export function readVolumeName(
  name: string,
  { id, beside, contrastIsKnown = false }: NameContext = {},
): VolumeName {
  if (endingIn(fileFormats, name) === undefined) return { kind: 'unknown' };
  const bids = /^sub-/i.test(name) ? bidsNameOf(name) : undefined;
  const ofBids = bids && readBidsName(bids);
  if (ofBids !== undefined && ofBids.kind !== 'unknown') return ofBids;
  if (bids !== undefined) return readSuffix(bids);
  const stem = withoutEnding(name, fileFormats);
  const version = versionBefore(stem, id);
  if (version !== undefined) return version;
  const { ofId, own } = parted(stem, id);
  return maskWordsIn(own) ? readMaskWords(own, beside) : readImageWords(own, contrastIsKnown ? [] : ofId);
}

/** A suffix that is none of an anatomical image in BIDS, but may have been meant so. */
function readSuffix({ suffix, entities }: BidsName): VolumeName {
  const { label = '', desc = '' } = entities;
  const words = maskWordsIn(wordsOf(suffix)) ? wordsOf(`${label} ${desc} ${suffix}`) : wordsOf(suffix);
  const found = maskWordsIn(words) ? readMaskWords(words) : readImageWords(words);
  const because = `“${suffix}” is no suffix of an image of T1, T2 or FLAIR in BIDS`;
  if (found.kind === 'modality') return { kind: 'unsure', like: [found.modality], because };
  if (found.kind === 'unsure') return { ...found, because };
  return { kind: 'other', because: `its suffix is “${suffix}”` };
}

/** The words of a name after the patient's id, and those of the id; the whole name where nothing else is left. */
function parted(stem: string, id: string | undefined): { readonly ofId: string[]; readonly own: string[] } {
  const starts = id !== undefined && stem.toLowerCase().startsWith(id.toLowerCase());
  const rest = starts ? stem.slice(id.length) : '';
  const own = wordsOf(rest);
  return own.length === 0 || !/^[^a-z0-9]|^$/i.test(rest)
    ? { ofId: [], own: wordsOf(stem) }
    : { ofId: wordsOf(stem.slice(0, id!.length)), own };
}

/** What programs write before a patient's id for another version of a file, such as `c1` of SPM. */
function versionBefore(stem: string, id: string | undefined): VolumeName | undefined {
  const tissue = /^[smwr]{0,4}c[1-6](?=[A-Z]|sub-)/.exec(stem)?.[0];
  if (tissue !== undefined && !(id !== undefined && stem.startsWith(id)))
    return { kind: 'other', because: `“${tissue}” at its beginning: a map of a tissue` };
  const place = id === undefined ? -1 : stem.indexOf(id);
  if (id === undefined || place <= 0 || place > 4) return undefined;
  const before = stem.slice(0, place);
  if (/^[smwr]{0,4}c[1-6]_?$/.test(before))
    return { kind: 'other', because: `“${before}” before the id: a map of a tissue` };
  if (/^i?y_?$/.test(before)) return { kind: 'other', because: `“${before}” before the id: a deformation` };
  if (!/^[a-z]+_?$/.test(before)) return undefined;
  const found = readVolumeName(`${stem.slice(place)}.nii`, { id });
  if (found.kind !== 'modality' && found.kind !== 'tumour') return found;
  const like = found.kind === 'modality' ? [found.modality] : ['seg'];
  return { kind: 'unsure', like, because: `“${before}” before the id says that it is another version` };
}
