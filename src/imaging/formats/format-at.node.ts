import { stat } from 'node:fs/promises';
import type { SeriesReader } from '../volume-format.js';
import type { VolumeSource } from '../volume-source.js';
import { readFileHead } from './file-head.node.js';
import {
  defaultFormat,
  type FormatName,
  type FormatRow,
  formatNamed,
  formatOf,
  formatOfName,
  pairHalfOf,
  type SeriesFormatName,
  seriesFormatNames,
} from './formats.js';

/** How series are read in Node: a row for each format in which a volume is a folder of files. */
const seriesReaders: Readonly<Record<SeriesFormatName, () => Promise<SeriesReader>>> = {
  dicom: async () => (await import('./dicom/dicom-reader.node.js')).dicomReader,
};

/** The reader of a format's series. */
export function seriesReader(name: SeriesFormatName): Promise<SeriesReader> {
  return seriesReaders[name]();
}

/**
 * The format to read a source by. What is of no known format, or not there, counts as a file of the usual format, whose
 * reader says what is wrong.
 */
export async function formatOfSource({ path, series }: VolumeSource): Promise<FormatRow> {
  const found = await formatAt(path);
  if (found !== undefined) return formatNamed(found);
  return series === undefined ? defaultFormat : formatNamed(seriesFormatNames[0]!);
}

/**
 * The format of what is at a path: of a file what its first bytes say, else what its name says; of a folder what its
 * files are.
 *
 * @returns undefined where nothing of a known format is there
 */
export async function formatAt(path: string): Promise<FormatName | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    for (const name of seriesFormatNames) if (await (await seriesReader(name)).holds(path)) return name;
    return undefined;
  }
  const byName = formatOfName(path)?.name;
  // The voxels of a pair are numbers without a mark.
  if (!found?.isFile() || pairHalfOf(path)?.half === 'voxels') return byName;
  // A file that cannot be read is refused when it is read.
  const head = await readFileHead(path).catch(() => undefined);
  return head === undefined ? byName : formatOf(head, path)?.name;
}
