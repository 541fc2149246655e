import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { requireArguments } from '../../../base/arguments.js';
import { fail } from '../../../base/errors.js';
import { failToRead, readFileBytes, reasonOf } from '../../../base/files.node.js';
import { chooseSeries } from './choose-series.js';
import { dicomSniffBytes, looksLikeDicom } from './dicom-head.js';
import { type DicomLimits, dicomLimits } from './limits.js';
import { type DicomListing, DicomListingBuilder, listDicomZip } from './listing.js';
import { type DicomVolume, type ReadVolumeOptions, readDicomVolume } from './read-volume.js';
import { isZip } from './zip-mark.js';

/**
 * Whether a path is something that {@link listDicomSeries} reads: a folder with a DICOM file in it or below, a ZIP,
 * or a DICOM file.
 */
export async function isDicomPath(path: string, limits: Partial<DicomLimits> = {}): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) {
    const head = await readHead(path);
    return looksLikeDicom(head) || isZip(head);
  }
  if (!found?.isDirectory()) return false;
  for await (const file of filesBelow(path, dicomLimits(limits))) {
    if (looksLikeDicom(await readHead(file))) return true;
  }
  return false;
}

/**
 * Lists the DICOM series in a folder and all folders below, in a ZIP, or of a single file.
 *
 * Files are known by their content, not their names. Broken ones do not end the listing; they are listed as refused.
 *
 * @throws UtadError not-found or io for the path itself; bad-file or not-supported for a ZIP or a folder beyond the limits.
 */
export async function listDicomSeries(
  path: string,
  limits: Partial<DicomLimits> = {},
): Promise<DicomListing> {
  requireArguments('listDicomSeries', { path: [path, 'text'], limits: [limits, 'object'] });
  const found = await stat(path).catch((cause: unknown) =>
    fail('not-found', {
      where: path,
      expected: 'a folder, a ZIP or a DICOM file',
      got: reasonOf(cause),
      todo: 'Check the path.',
    }),
  );
  const allowed = dicomLimits(limits);
  if (!found.isDirectory()) return listFile(path, allowed);
  const builder = new DicomListingBuilder(limits);
  for await (const file of filesBelow(path, allowed)) {
    const name = relative(path, file);
    if (looksLikeDicom(await readHead(file))) builder.add(name, await readWithin(file, allowed));
    else builder.leaveOut(name);
  }
  return builder.finish((name) => readWithin(join(path, name), allowed));
}

/**
 * Reads one series of a folder or ZIP into a volume.
 *
 * @param wanted the series' name in the listing, its UID or its description; may be left out where there is one
 * @throws UtadError as {@link listDicomSeries} and `readDicomVolume`; bad-argument when several series fit.
 */
export async function readDicomPath(
  path: string,
  wanted?: string,
  options: ReadVolumeOptions = {},
): Promise<DicomVolume> {
  requireArguments('readDicomPath', {
    path: [path, 'text'],
    wanted: [wanted, 'text?'],
    options: [options, 'object'],
  });
  const listing = await listDicomSeries(path, options.limits);
  return readDicomVolume(chooseSeries(listing, path, wanted), listing.readFile, options);
}

async function listFile(path: string, limits: DicomLimits): Promise<DicomListing> {
  if (!isZip(await readHead(path))) {
    const name = basename(path);
    const builder = new DicomListingBuilder(limits);
    builder.add(name, await readWithin(path, limits));
    return builder.finish(() => readWithin(path, limits));
  }
  return listDicomZip(await readWithin(path, { ...limits, fileBytes: limits.unpackedBytes }), path, limits);
}

/** Files of a folder and all below in the order of their names; links are not followed. */
async function* filesBelow(folder: string, limits: DicomLimits): AsyncGenerator<string> {
  let count = 0;
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const entries = await readdir(next, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const folders: string[] = [];
    for (const entry of entries) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      if (!entry.isFile()) continue;
      if (++count > limits.files) {
        fail('not-supported', {
          where: folder,
          expected: `at most ${limits.files} files`,
          got: 'more',
          todo: 'Choose a folder nearer to the series.',
        });
      }
      yield path;
    }
    waiting.push(...folders.reverse());
  }
}

async function readHead(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r').catch((cause: unknown) => failToRead(path, cause));
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(dicomSniffBytes), 0, dicomSniffBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function readWithin(path: string, limits: DicomLimits): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size > limits.fileBytes) {
    fail('not-supported', {
      where: path,
      expected: `at most ${limits.fileBytes} bytes`,
      got: String(size),
      todo: 'Check the file, or raise the limit.',
    });
  }
  return readFileBytes(path);
}
