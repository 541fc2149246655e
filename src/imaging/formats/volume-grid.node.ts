import type { Volume } from '../volume.js';
import type { VolumeSource } from '../volume-source.js';
import { readFileHead } from './file-head.node.js';
import { formatOfSource, seriesReader } from './format-at.node.js';
import { findPair } from './pair.node.js';

/**
 * Reads where the voxels of a volume lie and not the voxels: of a file its first bytes only.
 *
 * @throws UtadError as readVolume does for a header that it would refuse; what is wrong behind the header is not seen.
 */
export async function readVolumeGrid(
  source: VolumeSource,
): Promise<Pick<Volume, 'size' | 'affineVoxelToWorld' | 'notes'>> {
  const { path, volumeIndex, series } = source;
  const format = await formatOfSource(source);
  if (format.kind === 'series') return (await seriesReader(format.name)).readGrid(path, series);
  const pair = await findPair(path);
  const file = pair?.header ?? path;
  const [{ unpacked }, codec] = [await readFileHead(file), await format.load()];
  const request = { paired: pair !== undefined, ...(volumeIndex === undefined ? {} : { volumeIndex }) };
  return codec.readGrid(unpacked, file, request);
}
