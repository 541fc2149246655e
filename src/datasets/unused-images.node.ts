import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join, relative } from 'node:path';
import { groupBy } from '../base/group-by.js';
import { looksLikeDicom } from '../imaging/formats/dicom/dicom-head.js';
import { isZip } from '../imaging/formats/dicom/zip-mark.js';
import { readFileHead } from '../imaging/formats/file-head.node.js';
import { endingIn, fileFormats, pairHalfOf } from '../imaging/formats/formats.js';
import { type CaseFiles, pathsOf } from './case.js';
import type { CaseNote, DataSet } from './data-set.js';
import { listed } from './listed-names.js';
import { readVolumeName } from './read-volume-name.js';

/** Entries of folders that are looked at; more than this is said. */
const mostEntries = 100_000;
/** Files without a known ending whose first bytes are looked at. */
const mostHeads = 400;
/** Endings of images that other programs write, and of archives. */
const otherFormats = /\.(?:mgz|mgh|nrrd|nhdr|mha|mhd|mnc|v|par|rec|minc|tiff?|h5|hdf5|npy|npz)(?:\.gz)?$/i;
/** In a data set of DICOM its series are listed, and named where they are not used. */
const dicomEnding = /\.(?:ima|dcm|dicom)$/i;
const archives = /\.(?:zip|7z|rar|tar|tgz|tar\.gz|tar\.bz2|bz2|xz)$/i;

interface Unused {
  /** Relative to the data set. */
  readonly file: string;
  readonly because: string;
}

/**
 * Notes about every image in a data set's folder that no case uses, with the reason: one note a reason. What may be a
 * modality that a patient lacks has a note of the patient's, and what other notes name has none.
 */
export async function unusedImageNotes({
  folder,
  layout,
  cases,
  notes: said,
}: Pick<DataSet, 'folder' | 'layout' | 'cases' | 'notes'>): Promise<readonly CaseNote[]> {
  const named = new Set(said.flatMap(({ files = [] }) => files.map((file) => join(folder, file))));
  const used = usedPaths(cases);
  const unused: Unused[] = [];
  let heads = 0;
  const { files, isWhole } = await filesBelow(folder);
  for (const path of files) {
    // A series is a folder of files without a format of their own: others in it are no part of it.
    const isOther = reasonByName(basename(path)) !== undefined;
    if (isWithin(path, named) || (isOther ? used.has(path) : isWithin(path, used))) continue;
    const file = relative(folder, path).replaceAll('\\', '/');
    const isDicom =
      dicomEnding.test(path) ||
      (layout !== 'dicom' && mayBeUnnamed(path) && heads++ < mostHeads && (await isImage(path)));
    if (isDicom && layout !== 'dicom') {
      const series = dirname(file) === '.' ? file : `${dirname(file)}/`;
      unused.push({ file: series, because: 'DICOM files, which this layout does not read' });
    }
    const reason = isDicom ? undefined : reasonByName(basename(path));
    if (reason !== undefined) unused.push({ file, because: reason });
  }
  const notes = [...groupBy(unused, ({ because }) => because)].map(([because, some]): CaseNote => {
    const names = [...new Set(some.map(({ file }) => file))];
    return { severity: 'warning', text: `not used, ${because}: ${listed(names)}`, files: names };
  });
  if (isWhole) return notes;
  const text = `only the first ${mostEntries} files and folders were looked at for images that are not used`;
  return [...notes, { severity: 'warning', text }];
}

function usedPaths(cases: readonly CaseFiles[]): ReadonlySet<string> {
  const paths = cases.flatMap(pathsOf);
  return new Set(paths.flatMap((path) => [path, ...halvesOf(path)]));
}

/** The file of voxels that belongs to a header. */
function halvesOf(path: string): readonly string[] {
  const others = pairHalfOf(basename(path))?.others ?? [];
  return others.map((name) => join(dirname(path), name));
}

/** Whether a path is one of these, or lies in one. */
function isWithin(path: string, used: ReadonlySet<string>): boolean {
  for (let at = path; ; at = dirname(at)) {
    if (used.has(at)) return true;
    if (at === dirname(at)) return false;
  }
}

/** Why a file that looks like an image by its name is not used; undefined for other files. */
function reasonByName(name: string): string | undefined {
  if (archives.test(name) && endingIn(fileFormats, name) === undefined)
    return 'archives, which have to be unpacked';
  if (otherFormats.test(name))
    return `a format that is not read here (${name.slice(name.search(/\.[^.]+(?:\.gz)?$/))})`;
  if (endingIn(fileFormats, name) === undefined) return undefined;
  const found = readVolumeName(name);
  switch (found.kind) {
    case 'modality':
      return `named as ${found.modality}, but not where this layout looks, or one of several`;
    case 'tumour':
      return 'tumour masks that are not where this layout looks, or several';
    case 'brain':
      return 'brain masks';
    case 'unsure':
    case 'other':
      return found.because;
    case 'unknown':
      return 'for their names do not say what they are';
  }
}

/** DICOM files often have no ending, or a number for one. */
function mayBeUnnamed(path: string): boolean {
  return /^(?:|\.\d+)$/.test(extname(path));
}

async function isImage(path: string): Promise<boolean> {
  const head = await readFileHead(path).catch(() => undefined);
  return head !== undefined && looksLikeDicom(head.bytes) && !isZip(head.bytes);
}

/** Files of a folder and all below, without hidden ones; links to folders are not followed. */
async function filesBelow(
  folder: string,
): Promise<{ readonly files: readonly string[]; readonly isWhole: boolean }> {
  const files: string[] = [];
  const waiting = [folder];
  let count = 0;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const entries = await readdir(next, { withFileTypes: true }).catch((): Dirent[] => []);
    for (const { name, ...kind } of entries.sort((a, b) => (a.name < b.name ? -1 : 1)).map(kindOf)) {
      if (name.startsWith('.')) continue;
      if (++count > mostEntries) return { files, isWhole: false };
      if (kind.isFolder) waiting.push(join(next, name));
      else if (kind.isFile) files.push(join(next, name));
    }
  }
  return { files, isWhole: true };
}

function kindOf(entry: Dirent): {
  readonly name: string;
  readonly isFolder: boolean;
  readonly isFile: boolean;
} {
  return {
    name: entry.name,
    isFolder: entry.isDirectory(),
    isFile: entry.isFile() || entry.isSymbolicLink(),
  };
}
