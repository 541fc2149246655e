import { endingIn, fileFormats, wholeFileEnding, withoutEnding } from '../imaging/formats/formats.js';

/** The ends of BraTS file names, 2012–2021 and 2023 on, and what they hold. */
const contentOfEnding: Readonly<Record<string, string>> = {
  t1: 't1',
  t1n: 't1',
  t1ce: 't1ce',
  t1c: 't1ce',
  t2: 't2',
  t2w: 't2',
  flair: 'flair',
  t2f: 'flair',
  seg: 'seg',
  segm: 'seg',
};
const bratsStem = /[_-](t1n|t1ce|t1c|t1|t2w|t2f|t2|flair|segm|seg)$/i;

/** What a file named as in BraTS holds: a modality of `bratsModalities`, `seg`, or undefined for other names. */
export function contentOfFileName(name: string): string | undefined {
  return wholeFileEnding(name) === undefined ? undefined : contentOfStem(withoutEnding(name));
}

/** The same for any volume, whose files may be a pair. */
export function contentOfVolumeName(name: string): string | undefined {
  return endingIn(fileFormats, name) === undefined
    ? undefined
    : contentOfStem(withoutEnding(name, fileFormats));
}

/** What names a patient's volumes all begin with, as far as one says: without its ending and without what it holds. */
export function stemOfVolumeName(name: string): string {
  const stem = withoutEnding(name);
  return contentOfVolumeName(name) === undefined ? stem : stem.replace(bratsStem, '');
}

function contentOfStem(stem: string): string | undefined {
  const ending = bratsStem.exec(stem)?.[1]?.toLowerCase();
  return ending === undefined ? undefined : contentOfEnding[ending];
}

/**
 * Where a volume of a patient lies in a BraTS data set, without ending: `p01/p01_t1ce`.
 *
 * @param mark ends the name of what is no scan, such as `synthetic`; no reader of data sets takes it for one
 */
export function bratsPath(id: string, modality: string, mark?: string): string {
  return `${id}/${id}_${modality}${mark === undefined ? '' : `-${mark}`}`;
}
