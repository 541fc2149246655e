import { groupBy } from '../base/group-by.js';
import { fileFormats, pairHalfOf, wholeFileEnding, withoutEnding } from '../imaging/formats/formats.js';
import { stemOfVolumeName } from './brats-name.js';
import { wordsOf } from './name-words.js';
import { readVolumeName } from './read-volume-name.js';
import type { VolumeName } from './volume-name.js';

/** A volume of a folder that is not used, and the modalities that it may be. */
interface UnsureName {
  readonly name: string;
  readonly like: readonly string[];
  readonly because: string;
}

/** What the names in a folder say of one patient. */
export interface PatientNames {
  /** What the patient's files begin with, where a folder holds several patients; undefined for the folder's own. */
  readonly prefix?: string;
  /** Modality, or `seg` → the name of its file. */
  readonly content: Readonly<Record<string, string>>;
  /** Files that may be what the content lacks. */
  readonly unsure: readonly UnsureName[];
}

/** Why a volume is not used of which there are several. */
export const severalFiles = 'there are several';

const images = ['t1', 't1ce', 't2', 'flair'];

interface Entry {
  readonly name: string;
  readonly prefix: string;
  readonly found: VolumeName;
}

/**
 * Reads the names of a folder's volumes as those of one patient, or of several where whole sets of them differ by the
 * digits of what they begin with: `HGG147_T1` beside `HGG148_T1`.
 *
 * @param id the folder's name
 * @param names of its files
 * @returns none where no name speaks of a modality or a tumour mask
 */
export function patientsIn(id: string, names: readonly string[]): readonly PatientNames[] {
  const volumes = names.filter(isVolume);
  const entries = readAll(id, volumes);
  const sure = entries.filter(({ found }) => contentOf(found) !== undefined);
  const groups = groupBy(sure, ({ prefix }) => prefix);
  if (!arePatients([...groups.values()])) {
    const one = patientOf(entries);
    return one === undefined ? [] : [one];
  }
  return [...groups.keys()].sort().flatMap((prefix) => {
    const own = readAll(
      prefix,
      volumes.filter((name) => startsWithId(name, prefix)),
    );
    const one = patientOf(own);
    return one === undefined ? [] : [{ ...one, prefix }];
  });
}

function isVolume(name: string): boolean {
  return wholeFileEnding(name) !== undefined || pairHalfOf(name)?.half === 'header';
}

function readAll(id: string, names: readonly string[]): readonly Entry[] {
  const words = names.map((name) => wordsOf(withoutEnding(name, fileFormats)));
  const read = (place: number, contrastIsKnown: boolean): VolumeName =>
    readVolumeName(names[place]!, {
      id,
      beside: new Set(words.filter((_, other) => other !== place).flat()),
      contrastIsKnown,
    });
  const first = names.map((_, place) => read(place, false));
  // Where the T1 with contrast agent is there, a word about contrast in the patient's id says nothing of the T1.
  const isKnown = first.some((found) => contentOf(found) === 't1ce');
  return names.map((name, place) => ({
    name,
    prefix: prefixOf(name, first[place]!),
    found: isKnown ? read(place, true) : first[place]!,
  }));
}

/** What a name begins with: without the word for what it holds, and without those that only say how a mask was drawn. */
function prefixOf(name: string, { kind }: VolumeName): string {
  if (kind !== 'tumour') return stemOfVolumeName(name);
  return withoutEnding(name, fileFormats).replace(
    /(?:[^a-z0-9]*(?:tumou?r|lesion|auto\w*|approx|manual(?:ly)?|corrected|final|glistr|boost|segm?\w*|masks?|labels?|gtv))+$/i,
    '',
  );
}

/** A modality of the four, or `seg`, where a name surely says it. */
function contentOf(found: VolumeName): string | undefined {
  if (found.kind === 'tumour') return 'seg';
  return found.kind === 'modality' ? found.modality : undefined;
}

function startsWithId(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && !/^[a-z0-9]/i.test(name.slice(prefix.length));
}

/** Whether sets of files are patients: each has something that another has, and their beginnings differ in digits alone. */
function arePatients(groups: readonly (readonly Entry[])[]): boolean {
  if (groups.length < 2) return false;
  const shapes = new Set(groups.map(([first]) => first!.prefix.replace(/\d+/g, '0')));
  const contents = groups.map((group) => group.map(({ found }) => contentOf(found)!));
  const sharesOne = contents.every((own, place) =>
    own.some((content) => contents.some((other, index) => index !== place && other.includes(content))),
  );
  const isOnce = contents.every((own) => new Set(own).size === own.length);
  return shapes.size === 1 && /[a-z]/i.test(groups[0]![0]!.prefix) && sharesOne && isOnce;
}

function patientOf(entries: readonly Entry[]): PatientNames | undefined {
  const content: Record<string, string> = {};
  const unsure: UnsureName[] = [];
  const sure = groupBy(
    entries.filter(({ found }) => contentOf(found) !== undefined),
    ({ found }) => contentOf(found)!,
  );
  for (const [what, own] of sure) {
    const [first, ...more] = own.map(({ name }) => name);
    if (more.length === 0) content[what] = first!;
    else for (const name of [first!, ...more]) unsure.push({ name, like: [what], because: severalFiles });
  }
  for (const { name, found } of entries) if (found.kind === 'unsure') unsure.push({ name, ...found });
  const lacks = (what: string): boolean => content[what] === undefined;
  const open = unsure.filter(({ like }) => (like.length === 0 ? images.some(lacks) : like.some(lacks)));
  if (Object.keys(content).length === 0 && open.length === 0) return undefined;
  for (const { name, found } of entries)
    if (found.kind === 'unknown' && images.some(lacks))
      open.push({ name, like: [], because: 'its name does not say what it is' });
  return { content, unsure: open.map(({ name, like, because }) => ({ name, like, because })) };
}
