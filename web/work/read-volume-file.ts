import { UtadError } from '../../src/base/errors.js';
import type { Volume } from '../../src/imaging/volume.js';
import type { FileFormat } from '../../src/imaging/volume-format.js';
import { tabLimits } from './read-limits.js';

/** A file's bytes with its path. */
export interface NamedBytes {
  readonly path: string;
  readonly bytes: () => Promise<Uint8Array>;
}

/** Volumes of one file that are all read; of a longer series (time points) only the first. */
const mostVolumes = 8;

/** A volume and what to call it. */
interface NamedVolume {
  readonly name: string;
  readonly volume: Volume;
}

/**
 * Reads the volumes of a file: the one, or each of the first eight of a file with several.
 *
 * @param voxels the file of voxels where the file is the header of a pair
 * @throws UtadError as the format's reader does.
 */
export async function* readVolumesOf(
  format: FileFormat,
  file: NamedBytes,
  voxels?: NamedBytes,
): AsyncGenerator<NamedVolume> {
  const { read } = await format.load();
  const bytes = await file.bytes();
  const voxelFile = voxels && { bytes: await voxels.bytes(), where: voxels.path };
  const options = { limits: tabLimits, ...(voxelFile ? { voxelFile } : {}) };
  try {
    yield { name: file.path, volume: read(bytes, file.path, options) };
    return;
  } catch (error) {
    if (!(error instanceof UtadError) || error.code !== 'bad-argument') throw error;
  }
  for (let volumeIndex = 0; volumeIndex < mostVolumes; volumeIndex++) {
    try {
      const volume = read(bytes, file.path, { ...options, volumeIndex });
      yield { name: `${file.path} [${volumeIndex + 1}]`, volume };
    } catch (error) {
      // Past the last volume of the file.
      if (volumeIndex > 0 && error instanceof UtadError && error.code === 'bad-argument') return;
      throw error;
    }
  }
}
