import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { readDicomPath } from './dicom/dicom-files.node.js';
import { findPair } from './nifti/pair.node.js';
import { readNifti } from './nifti/read.js';
import { type NiftiWriteOptions, writeNifti } from './nifti/write.js';
import { defaultReadLimits, type ReadLimits } from './read-limits.js';
import type { Volume } from './volume.js';
import type { VolumeSource } from './volume-source.js';

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
  await writeFileAtomic(path, writeNifti(volume, { ...options, gzip: path.toLowerCase().endsWith('.gz') }));
}
