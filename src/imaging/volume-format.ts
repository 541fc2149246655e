import type { ReadLimits } from './read-limits.js';
import type { Volume } from './volume.js';

/** Bytes of a file that are enough to tell its format, and to read the header of most. */
export const fileHeadBytes = 4096;

/** The beginning of a file, or all of it where it is shorter. */
export interface FileHead {
  /** As stored. */
  readonly bytes: Uint8Array;
  /** Unpacked where the file is packed by gzip, the same where it is not. */
  readonly unpacked: Uint8Array;
}

interface FormatRow<Name extends string> {
  /** Short name: in options, in the origin of volumes. */
  readonly name: Name;
  /** Name for people. */
  readonly title: string;
  /** How names of files that hold a volume by themselves end, in lower case; the usual ending first. */
  readonly extensions: readonly string[];
  /** Whether a file begins as files of this format do. */
  readonly sniff: (head: FileHead) => boolean;
}

/** A format in which a volume is one file, or a header and a file of voxels. */
export interface FileFormat<Name extends string = string> extends FormatRow<Name> {
  readonly kind: 'file';
  /** Endings of the two files of a pair; `.gz` may follow either. */
  readonly pair?: { readonly header: string; readonly voxels: string };
  /** Loads the reader and the writer. */
  readonly load: () => Promise<FileCodec>;
}

/** A format in which a volume is a folder of files, which may hold further volumes. */
export interface SeriesFormat<Name extends string = string> extends FormatRow<Name> {
  readonly kind: 'series';
  /** Whether a file of a folder is named as the writer names files. */
  readonly isOwnName: (name: string) => boolean;
  /** Loads the writer. Series are read from folders in Node and from listed files in browsers. */
  readonly load: () => Promise<SeriesCodec>;
}

export type VolumeFormat<Name extends string = string> = FileFormat<Name> | SeriesFormat<Name>;

/** What to read of a file, and how much of it. */
interface FileReadOptions {
  /** Which volume of a file that holds several, from 0; a file with one volume needs none. */
  readonly volumeIndex?: number;
  /** `defaultReadLimits` unless given. */
  readonly limits?: ReadLimits;
  /** The file of voxels where the first file is the header of a pair. */
  readonly voxelFile?: { readonly bytes: Uint8Array; readonly where: string };
}

/** Reads and writes files of a format. */
export interface FileCodec {
  /**
   * Reads a volume of a file, packed or not.
   *
   * @param where the file's name, for messages
   * @throws UtadError bad-file or not-supported for the file; bad-argument with the parameter `volumeIndex` when the
   *   file holds several volumes and none was chosen, or one beyond the last.
   */
  readonly read: (bytes: Uint8Array, where: string, options?: FileReadOptions) => Volume;
  /**
   * Reads where the voxels lie.
   *
   * @param head the unpacked beginning of the file
   * @throws UtadError as `read` does for a header that it would refuse.
   */
  readonly readGrid: (
    head: Uint8Array,
    where: string,
    request: Pick<FileReadOptions, 'volumeIndex'> & { readonly paired: boolean },
  ) => Pick<Volume, 'size' | 'affineVoxelToWorld' | 'notes'>;
  /**
   * Writes a file, not packed.
   *
   * @throws UtadError bad-value when a value does not fit the voxel type.
   */
  readonly write: (volume: Volume, about: FileDescription) => Uint8Array;
}

/** Names of the voxel types that files may have. A format need not write them all. */
export type VoxelTypeName =
  | 'uint8'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64';

/** What a written file is to hold besides the volume. */
export interface FileDescription {
  /** How voxels are stored, float32 unless given; whole-number types round and refuse values beyond their range. */
  readonly datatype?: VoxelTypeName;
  /** Free text of the header. */
  readonly description?: string;
}

/** Writes series of a format. */
export interface SeriesCodec {
  /**
   * Writes a synthetic volume as files on the grid of the volume's origin.
   *
   * @returns file name → content
   * @throws UtadError bad-argument when the volume's origin is of another format.
   */
  readonly write: (volume: Volume, about: SeriesDescription) => ReadonlyMap<string, Uint8Array>;
}

/** How a synthetic series came about. */
interface SeriesDescription {
  /** The modality shown, as in `t2`. */
  readonly target: string;
  /** The modalities it was translated from. */
  readonly sources: readonly string[];
  /** The model's name or file. */
  readonly model: string;
  readonly codeVersion: string;
  readonly now: Date;
  /** A new version 4 UUID at each call, as `crypto.randomUUID` gives. */
  readonly randomUuid: () => string;
}

/** Reads series of a format in Node. */
export interface SeriesReader {
  /** Whether a folder or file holds a series. */
  readonly holds: (path: string) => Promise<boolean>;
  /**
   * Reads a series.
   *
   * @param series its name, UID or description; may be left out where there is only one
   * @throws UtadError naming the path or the series; bad-argument when several series fit.
   */
  readonly read: (path: string, series: string | undefined, limits?: ReadLimits) => Promise<Volume>;
  /** Reads where the voxels of a series lie. @throws UtadError as `read`. */
  readonly readGrid: (
    path: string,
    series: string | undefined,
  ) => Promise<Pick<Volume, 'size' | 'affineVoxelToWorld' | 'notes'>>;
}
