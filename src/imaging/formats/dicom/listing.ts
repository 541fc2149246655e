import { requireArguments } from '../../../base/arguments.js';
import { fail, UtadError } from '../../../base/errors.js';
import { looksLikeDicom } from './dicom-head.js';
import type { DicomInstance } from './instance.js';
import { type DicomLimits, dicomLimits } from './limits.js';
import { readDicomInstance } from './read-instance.js';
import type { ReadDicomFile } from './read-volume.js';
import { type DicomSeries, groupIntoSeries } from './series.js';
import { openZip } from './zip.js';

/** What was found in a set of files. */
export interface DicomListing {
  readonly series: readonly DicomSeries[];
  /** Files that are no DICOM images: other formats, reports, directories. */
  readonly leftOut: readonly string[];
  /** DICOM files that cannot be read, each with its error; a series may miss slices because of them. */
  readonly refused: readonly { readonly file: string; readonly error: UtadError }[];
  /** Gives a listed file's bytes again. */
  readonly readFile: ReadDicomFile;
}

/** Gathers files one at a time; nothing of their pixels stays in memory. */
export class DicomListingBuilder {
  private readonly instances: DicomInstance[] = [];
  private readonly leftOut: string[] = [];
  private readonly refused: { file: string; error: UtadError }[] = [];
  private frames = 0;

  constructor(private readonly limits: Partial<DicomLimits> = {}) {}

  /** Adds a file that is no DICOM. */
  leaveOut(file: string): void {
    this.leftOut.push(file);
  }

  /** Adds a file's content, or what gives it. @throws UtadError not-supported beyond the limit on frames. */
  add(file: string, content: Uint8Array | (() => Uint8Array)): void {
    try {
      const bytes = typeof content === 'function' ? content() : content;
      const instance = looksLikeDicom(bytes) ? readDicomInstance(bytes, file, this.limits) : undefined;
      if (!instance) {
        this.leaveOut(file);
        return;
      }
      this.frames += instance.frames.length;
      this.instances.push(instance);
    } catch (error) {
      if (!(error instanceof UtadError)) throw error;
      this.refused.push({ file, error });
    }
    const { frames } = dicomLimits(this.limits);
    if (this.frames > frames) {
      fail('not-supported', {
        where: file,
        expected: `at most ${frames} frames in all files together`,
        got: 'more',
        todo: 'Choose fewer files, or raise the limit.',
      });
    }
  }

  /** The listing of all that was added. */
  finish(readFile: ReadDicomFile): DicomListing {
    const { leftOut, refused } = this;
    return { series: groupIntoSeries(this.instances), leftOut, refused, readFile };
  }
}

/** Lists the series in files that are in memory, by name. */
export function listDicomFiles(
  files: ReadonlyMap<string, Uint8Array>,
  limits: Partial<DicomLimits> = {},
): DicomListing {
  requireArguments('listDicomFiles', { files: [files, 'map'], limits: [limits, 'object'] });
  const builder = new DicomListingBuilder(limits);
  for (const [file, bytes] of files) builder.add(file, bytes);
  return builder.finish(async (file) => files.get(file) ?? new Uint8Array(0));
}

/** Lists the series in a ZIP; a broken entry is listed as refused. @throws UtadError as {@link openZip}. */
export function listDicomZip(
  bytes: Uint8Array,
  where: string,
  limits: Partial<DicomLimits> = {},
): DicomListing {
  requireArguments('listDicomZip', {
    bytes: [bytes, 'bytes'],
    where: [where, 'text'],
    limits: [limits, 'object'],
  });
  const archive = openZip(bytes, where, limits);
  const builder = new DicomListingBuilder(limits);
  for (const name of archive.names) builder.add(name, () => archive.read(name));
  return builder.finish(async (name) => archive.read(name));
}
