import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { readFileBytes, writeFileAtomic } from '../../base/files.node.js';
import { defaultReadLimits, type ReadLimits } from '../read-limits.js';
import type { Volume } from '../volume.js';
import type { VolumeSource } from '../volume-source.js';
import { readDicomPath } from './dicom/dicom-files.node.js';
import { findPair } from './nifti/pair.node.js';
import { readNifti } from './nifti/read.js';
import { type NiftiWriteOptions, writeNifti } from './nifti/write.js';

/** How a file is read. */
export interface VolumeReadOptions {
  /** Which volume of a series, from 0; a file with one volume needs none. */
  readonly volumeIndex?: number;
  /** `defaultReadLimits` unless given. */
  readonly limits?: ReadLimits;
}

/**
 * Reads a volume from a NIfTI file: .nii, .nii.gz, or a .hdr/.img pair of which either is named.
 *
 * @throws UtadError naming the path: not found, unreadable, not NIfTI, cut off, too large, a series of volumes
 * of which none was chosen, a pair of which one file is missing.
 */
export async function readVolumeFile(path: string, options: VolumeReadOptions = {}): Promise<Volume> {
  const { maximumBytes } = options.limits ?? defaultReadLimits;
  const pair = await findPair(path);
  if (pair === undefined) return readNifti(await readFileBytes(path, maximumBytes), path, options);
  const voxelFile = { bytes: await readFileBytes(pair.voxels, maximumBytes), where: pair.voxels };
  return readNifti(await readFileBytes(pair.header, maximumBytes), pair.header, { ...options, voxelFile });
}

/**
 * Reads the volume that a source names.
 *
 * @throws UtadError naming the source: not found, unreadable, of no known format, cut off.
 */
export async function readVolume(
  source: VolumeSource,
  options: Pick<VolumeReadOptions, 'limits'> = {},
): Promise<Volume> {
  const { path, volumeIndex, series } = source;
  if (series !== undefined) {
    const { limits } = options;
    const allowed = limits && { limits: { voxels: limits.maximumVoxels, fileBytes: limits.maximumBytes } };
    return readDicomPath(path, series, allowed);
  }
  return readVolumeFile(path, volumeIndex === undefined ? options : { ...options, volumeIndex });
}

/**
 * Writes a volume as a NIfTI file, packed when the name ends in `.gz`, whole or not at all.
 *
 * @throws UtadError io when the folder cannot be written, bad-value when a value does not fit the voxel type.
 */
export async function writeVolumeFile(
  path: string,
  volume: Volume,
  options: Omit<NiftiWriteOptions, 'gzip'> = {},
): Promise<void> {
  await writeFileAtomic(path, await volumeFileBytes(path, volume, options));
}

/**
 * What {@link writeVolumeFile} writes. Packing runs beside other work, in the system's own zlib, in a fifth of the time
 * that `writeNifti` takes for it. The same volume gives the same bytes, as long as Node and the processor's kind are the
 * same.
 *
 * @throws UtadError bad-value when a value does not fit the voxel type.
 */
export async function volumeFileBytes(
  path: string,
  volume: Volume,
  options: Omit<NiftiWriteOptions, 'gzip'> = {},
): Promise<Uint8Array> {
  const plain = writeNifti(volume, { ...options, gzip: false });
  if (!path.toLowerCase().endsWith('.gz')) return plain;
  const packed = new Uint8Array(await promisify(gzip)(plain, { level: 6 }));
  packed[operatingSystemByte] = unknownSystem;
  return packed;
}

/** In a gzip header, with the code for no system in particular. @source RFC 1952, 2.3.1. */
const [operatingSystemByte, unknownSystem] = [9, 255];
