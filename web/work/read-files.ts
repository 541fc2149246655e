import { fail } from '../../src/base/errors.js';
import type { FrameDecoder } from '../../src/imaging/formats/dicom/codecs.js';
import { defaultDicomLimits } from '../../src/imaging/formats/dicom/limits.js';
import { type DicomListing, DicomListingBuilder } from '../../src/imaging/formats/dicom/listing.js';
import { readDicomVolume } from '../../src/imaging/formats/dicom/read-volume.js';
import type { DicomSeries } from '../../src/imaging/formats/dicom/series.js';
import { openZip } from '../../src/imaging/formats/dicom/zip.js';
import { isZip } from '../../src/imaging/formats/dicom/zip-mark.js';
import { fileHeadOf } from '../../src/imaging/formats/file-head.js';
import { formatOf, formatOfName, formats, pairHalfOf } from '../../src/imaging/formats/formats.js';
import type { Volume } from '../../src/imaging/volume.js';
import { type FileFormat, fileHeadBytes } from '../../src/imaging/volume-format.js';
import { readMasklessModelMetadata } from '../../src/translate/read-model.js';
import { failureOf, type Tell } from '../channel/serve.js';
import { factsOf } from '../picture/content.js';
import type { DroppedFile, DroppedVolume, ReadNews } from '../picture/dropped.js';
import { type Recognition, recogniseByGuess, recogniseByName } from '../picture/recognise.js';
import { describeSeries, nameOfSeries, seriesToRead } from './choose-series.js';
import { tabDicomLimits } from './read-limits.js';
import { type NamedBytes, readVolumesOf } from './read-volume-file.js';

/** A set of files that was dropped at once, as far as it must be remembered. */
export interface Drop {
  readonly listings: readonly DicomListing[];
}

/** Files beside the images that nobody expects to be read. */
const silent = /(^|\/)(\.|DICOMDIR$|__MACOSX\/)|\.(json|txt|csv|tsv|md|bval|bvec|xml|pdf|jpe?g|png)$/i;
const mostProblems = 3;

/**
 * Reads dropped files: models, NIfTI files, DICOM files and ZIPs of both. What one file holds wrongly is reported and
 * does not keep the others from being read.
 *
 * @returns what is needed to read further DICOM series of the drop
 */
export async function readDropped(
  number: number,
  files: readonly DroppedFile[],
  decode: FrameDecoder,
  tell: Tell<ReadNews>,
): Promise<Drop> {
  if (files.length > defaultDicomLimits.files) refuseSo(files.length);
  const builder = new DicomListingBuilder(tabDicomLimits);
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  const listings: DicomListing[] = [];
  const unread: string[] = [];
  let [done, dicomFiles] = [0, 0];
  for (const { path, file } of files) {
    try {
      const head = fileHeadOf(await bytesOf(file.slice(0, fileHeadBytes)));
      const format = formatOf(head, path);
      if (/\.onnx$/i.test(path)) await readModelFile(path, file, tell);
      else if (isZip(head.bytes)) listings.push(await readZip(path, file, number, decode, tell));
      else if (format?.kind === 'series' && format.sniff(head)) {
        dicomFiles++;
        builder.add(path, await bytesOf(file));
      } else if (format?.kind === 'file') {
        if (!isVoxelHalf(path)) await readVolumes(format, path, byPath, tell);
      } else if (!silent.test(path)) unread.push(path);
    } catch (error) {
      tell({ kind: 'problem', failure: failureOf(error) });
    }
    tell({ kind: 'progress', done: ++done, total: files.length });
  }
  if (dicomFiles > 0) {
    const listing = builder.finish(async (name) => bytesOf(byPath.get(name)!));
    await readListing(listing, number, decode, tell);
    listings.push(listing);
  }
  if (unread.length > 0) tell({ kind: 'problem', failure: failureOf(refusal(unread)) });
  return { listings };
}

/** Reads one more series of a drop. @throws UtadError as `readDicomVolume`. */
export async function readSeriesOf(
  { listings }: Drop,
  name: string,
  decode: FrameDecoder,
): Promise<DroppedVolume> {
  for (const listing of listings) {
    const series = listing.series.find((one) => one.name === name);
    if (series) return readSeries(series, listing, decode);
  }
  return fail('not-found', { where: name, expected: 'a series of the dropped files', got: 'none' });
}

async function readModelFile(name: string, file: File, tell: Tell<ReadNews>): Promise<void> {
  const metadata = readMasklessModelMetadata(await bytesOf(file), name);
  tell({ kind: 'model', model: { name: name.split('/').at(-1)!, file, metadata } });
}

async function readVolumes(
  format: FileFormat,
  path: string,
  files: ReadonlyMap<string, File>,
  tell: Tell<ReadNews>,
): Promise<void> {
  const named = (name: string): NamedBytes => ({ path: name, bytes: () => bytesOf(files.get(name)!) });
  const others = pairHalfOf(path)?.others.map((name) => name.toLowerCase()) ?? [];
  const voxels = [...files.keys()].find((name) => others.includes(name.toLowerCase()));
  for await (const { name, volume } of readVolumesOf(format, named(path), voxels ? named(voxels) : undefined))
    tellVolume(droppedFile(name, volume), tell);
}

async function readZip(
  path: string,
  file: File,
  number: number,
  decode: FrameDecoder,
  tell: Tell<ReadNews>,
): Promise<DicomListing> {
  const archive = openZip(await bytesOf(file), path, tabDicomLimits);
  const builder = new DicomListingBuilder(tabDicomLimits);
  for (const [index, name] of archive.names.entries()) {
    try {
      const format = formatOfName(name);
      if (format?.kind === 'file' && !isVoxelHalf(name)) {
        const named = { path: name, bytes: async () => archive.read(name) };
        for await (const one of readVolumesOf(format, named))
          tellVolume(droppedFile(one.name, one.volume), tell);
      } else if (!silent.test(name)) builder.add(name, () => archive.read(name));
    } catch (error) {
      tell({ kind: 'problem', failure: failureOf(error) });
    }
    tell({ kind: 'progress', done: index + 1, total: archive.names.length });
  }
  const listing = builder.finish(async (name) => archive.read(name));
  await readListing(listing, number, decode, tell);
  return listing;
}

async function readListing(
  listing: DicomListing,
  drop: number,
  decode: FrameDecoder,
  tell: Tell<ReadNews>,
): Promise<void> {
  for (const { error } of listing.refused.slice(0, mostProblems))
    tell({ kind: 'problem', failure: failureOf(error) });
  const chosen = seriesToRead(listing.series);
  for (const series of listing.series) {
    if (!chosen.includes(series)) {
      tell({ kind: 'series', series: { drop, ...describeSeries(series) } });
      continue;
    }
    try {
      tellVolume(await readSeries(series, listing, decode), tell);
    } catch (error) {
      tell({ kind: 'problem', failure: failureOf(error) });
    }
  }
}

async function readSeries(
  series: DicomSeries,
  { readFile }: DicomListing,
  decode: FrameDecoder,
): Promise<DroppedVolume> {
  const volume = await readDicomVolume(series, readFile, { limits: tabDicomLimits, decode });
  const recognition = recogniseByGuess(series.guess);
  return dropped(nameOfSeries(series), volume, recognition, series.guess.other === 'synthetic');
}

/** Whether a file holds the voxels of a pair, which are read with their header. */
function isVoxelHalf(path: string): boolean {
  return pairHalfOf(path)?.half === 'voxels';
}

function droppedFile(name: string, volume: Volume): DroppedVolume {
  const synthetic =
    (volume.origin.format === 'nifti' && volume.origin.header.synthetic === true) || /synthetic/i.test(name);
  const facts = factsOf(volume);
  return { name, volume, synthetic, ...facts, recognition: recogniseByName(name, facts.isLabels) };
}

function dropped(name: string, volume: Volume, recognition: Recognition, synthetic: boolean): DroppedVolume {
  return { name, volume, synthetic, ...factsOf(volume), recognition };
}

function tellVolume(volume: DroppedVolume, tell: Tell<ReadNews>): void {
  tell({ kind: 'volume', volume }, [volume.volume.data.buffer]);
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

function refusal(unread: readonly string[]): Error {
  try {
    return fail('not-supported', {
      where: unread.length === 1 ? unread[0]! : `${unread[0]!} and ${unread.length - 1} more`,
      expected: `${formats.map(({ title }) => `${title} files`).join(', ')}, a ZIP of these, or a model (.onnx)`,
      got: unread.length === 1 ? 'another kind of file' : 'other kinds of files',
    });
  } catch (error) {
    return error as Error;
  }
}

function refuseSo(count: number): never {
  return fail('not-supported', {
    where: 'These files',
    expected: `at most ${defaultDicomLimits.files} at once`,
    got: String(count),
    todo: 'Choose a folder nearer to the series.',
  });
}
