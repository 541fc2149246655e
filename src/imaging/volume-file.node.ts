import { readFileBytes, writeFileAtomic } from '../base/files.node.js';
import { readNifti } from './nifti/read.js';
import { type NiftiWriteOptions, writeNifti } from './nifti/write.js';
import type { Volume } from './volume.js';

/**
 * Reads a volume from a NIfTI-1 file.
 *
 * @throws UtadError naming the path: not found, unreadable, not NIfTI, cut off.
 */
export async function readVolumeFile(path: string): Promise<Volume> {
  return readNifti(await readFileBytes(path), path);
}

/**
 * Writes a volume as a NIfTI-1 file, packed when the name ends in `.gz`, whole or not at all.
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
