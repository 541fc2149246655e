import { UtadError } from '../../src/base/errors.js';
import { readNifti } from '../../src/imaging/formats/nifti/read.js';
import type { Volume } from '../../src/imaging/volume.js';
import { tabLimits } from './read-limits.js';

/** A file's bytes with its path. */
export interface NamedBytes {
  readonly path: string;
  readonly bytes: () => Promise<Uint8Array>;
}

/** Volumes of one file that are all read; of a longer series (time points) only the first. */
const mostVolumes = 8;

/** A volume and what to call it. */
export interface NamedVolume {
  readonly name: string;
  readonly volume: Volume;
}

/** Whether a name is that of a NIfTI file; the `.img` of a pair is read with its `.hdr`. */
export function isNiftiName(name: string): boolean {
  return /\.(nii|hdr)(\.gz)?$/i.test(name);
}

/** The `.img` beside a `.hdr`, by its path. */
export function voxelFileName(path: string): RegExp {
  const stem = path.replace(/\.hdr(\.gz)?$/i, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${stem}\\.img(\\.gz)?$`, 'i');
}

/**
 * Reads the volumes of a NIfTI file: the one, or each of the first eight of a file with four axes.
 *
 * @param voxels the `.img` where the file is a `.hdr`
 * @throws UtadError as `readNifti`.
 */
export async function* readNiftiFile(file: NamedBytes, voxels?: NamedBytes): AsyncGenerator<NamedVolume> {
  const bytes = await file.bytes();
  const voxelFile = voxels && { bytes: await voxels.bytes(), where: voxels.path };
  const options = { limits: tabLimits, ...(voxelFile ? { voxelFile } : {}) };
  try {
    yield { name: file.path, volume: readNifti(bytes, file.path, options) };
    return;
  } catch (error) {
    if (!(error instanceof UtadError) || error.code !== 'bad-argument') throw error;
  }
  for (let volumeIndex = 0; volumeIndex < mostVolumes; volumeIndex++) {
    try {
      const volume = readNifti(bytes, file.path, { ...options, volumeIndex });
      yield { name: `${file.path} [${volumeIndex + 1}]`, volume };
    } catch (error) {
      // Past the last volume of the file.
      if (volumeIndex > 0 && error instanceof UtadError && error.code === 'bad-argument') return;
      throw error;
    }
  }
}
