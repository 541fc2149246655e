import { requireArguments } from '../base/arguments.js';
import { fileFormats, wholeFileEnding, withoutEnding } from '../imaging/formats/formats.js';
import { modalityOfWord } from '../imaging/words/modality-name.js';
import { readVolumeName } from './read-volume-name.js';

/**
 * What a file surely holds by its name, as {@link readVolumeName} reads it: a modality of `bratsModalities`, `seg`, or
 * undefined for other names.
 */
export function contentOfFileName(name: string): string | undefined {
  requireArguments('contentOfFileName', { name: [name, 'text'] });
  return wholeFileEnding(name) === undefined ? undefined : contentOfVolumeName(name);
}

/** The same for any volume, whose files may be a pair. */
export function contentOfVolumeName(name: string): string | undefined {
  const found = readVolumeName(name);
  if (found.kind === 'tumour') return 'seg';
  return found.kind === 'modality' && /^(?:t1|t1ce|t2|flair)$/.test(found.modality)
    ? found.modality
    : undefined;
}

/** What names a patient's volumes all begin with, as far as one says: without its ending and without what it holds. */
export function stemOfVolumeName(name: string): string {
  const stem = withoutEnding(name);
  if (contentOfVolumeName(name) === undefined) return stem;
  const parts = /^(.+?)[^a-z0-9]+([a-z0-9]+)$/i.exec(withoutEnding(name, fileFormats));
  const [, before, last = ''] = parts ?? [];
  const isContent = modalityOfWord(last.toLowerCase()) !== undefined || /^segm?$/i.test(last);
  return isContent && before !== undefined ? before : stem;
}

/**
 * Where a volume of a patient lies in a BraTS data set, without ending: `p01/p01_t1ce`.
 *
 * @param mark ends the name of what is no scan, such as `synthetic`; no reader of data sets takes it for one
 */
export function bratsPath(id: string, modality: string, mark?: string): string {
  return `${id}/${id}_${modality}${mark === undefined ? '' : `-${mark}`}`;
}
