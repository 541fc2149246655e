import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail } from '../../base/errors.js';
import { reasonOf } from '../../base/files.node.js';
import { protectScans } from '../../base/protected-inputs.node.js';
import type { DataSet, DataSetOptions } from '../../datasets/data-set.js';
import { findCases } from '../../datasets/find-cases.node.js';
import { isMarkedSynthetic } from '../../datasets/synthetic.node.js';
import { listDicomSeries } from '../../imaging/formats/dicom/dicom-files.node.js';
import type { DicomListing } from '../../imaging/formats/dicom/listing.js';
import { formatAt } from '../../imaging/formats/format-at.node.js';
import type { ReadLimits } from '../../imaging/read-limits.js';

/** A file. */
export interface VolumeInput {
  readonly kind: 'volume';
  readonly path: string;
}

/** One patient's DICOM files. */
export interface SeriesInput {
  readonly kind: 'series';
  readonly format: 'dicom';
  /** A folder, a ZIP or a file. */
  readonly path: string;
  readonly isFolder: boolean;
  readonly listing: DicomListing;
}

/** A folder of patients. */
interface DataSetInput {
  readonly kind: 'data-set';
  readonly dataSet: DataSet;
}

/** What a path that is to be translated is. */
export type TranslationInput = VolumeInput | SeriesInput | DataSetInput;

/** What is known of a path before it is looked at. */
interface FindInputOptions extends DataSetOptions {
  readonly limits: ReadLimits;
  /** DICOM files are those of one patient, however many the folder seems to hold. */
  readonly onePatient: boolean;
}

/**
 * Finds out what a path is, once for all that follows.
 *
 * @throws UtadError not-found or io for the path itself; as `findCases` for a folder and `listDicomSeries` for DICOM.
 */
export async function findInput(
  path: string,
  { limits, onePatient, ...options }: FindInputOptions,
): Promise<TranslationInput> {
  const isFolder = (await statOf(path)).isDirectory();
  let listing: DicomListing | undefined;
  if (isFolder && !onePatient) {
    const dataSet = await findCases(path, options);
    if (dataSet.layout !== 'dicom' || dataSet.cases.length !== 1) return { kind: 'data-set', dataSet };
    listing = dataSet.listing;
  } else if ((await formatAt(path)) !== 'dicom') {
    return isFolder
      ? { kind: 'data-set', dataSet: await findCases(path, options) }
      : { kind: 'volume', path };
  }
  const { maximumVoxels: voxels, maximumBytes: fileBytes } = limits;
  listing ??= await listDicomSeries(path, { voxels, fileBytes });
  await protectScans(isFolder ? await foldersOfScans(path, listing) : [path]);
  return { kind: 'series', format: 'dicom', path, isFolder, listing };
}

/** Folders of the series of a listing, without those that hold synthetic ones. */
async function foldersOfScans(path: string, { series }: DicomListing): Promise<readonly string[]> {
  const frames = series.flatMap((one) => one.frames.map(({ file }) => join(path, dirname(file))));
  const folders = [...new Set(frames)];
  const marked = await Promise.all(folders.map(isMarkedSynthetic));
  return folders.filter((_, i) => !marked[i]);
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const expected = 'a volume, DICOM files or a data set';
    const got = missing ? 'nothing there' : reasonOf(cause);
    const todo = 'Check the path.';
    return fail(missing ? 'not-found' : 'io', { where: path, expected, got, todo }, { cause });
  }
}
