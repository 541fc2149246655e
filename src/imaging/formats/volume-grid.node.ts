import { open } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';
import { failToRead } from '../../base/files.node.js';
import { defaultReadLimits } from '../read-limits.js';
import type { Volume } from '../volume.js';
import type { VolumeSource } from '../volume-source.js';
import { chooseSeries } from './dicom/choose-series.js';
import { listDicomSeries } from './dicom/dicom-files.node.js';
import { requirePlan } from './dicom/read-volume.js';
import { isGzip } from './nifti/gunzip.js';
import { longestHeader } from './nifti/header.js';
import { layoutOf } from './nifti/layout.js';
import { affineOfMetadata, metadataOf } from './nifti/metadata.js';
import { findPair } from './nifti/pair.node.js';

/** Packed, a header takes a fraction of this. */
const headBytes = 4096;

/**
 * Reads where the voxels of a volume lie and not the voxels: of a file its first bytes only.
 *
 * @throws UtadError as readVolume does for a header that it would refuse; what is wrong behind the header is not seen.
 */
export async function readVolumeGrid(
  source: VolumeSource,
): Promise<Pick<Volume, 'size' | 'affineVoxelToWorld'>> {
  const { path, volumeIndex, series } = source;
  if (series !== undefined) return requirePlan(chooseSeries(await listDicomSeries(path), path, series));
  const pair = await findPair(path);
  const file = pair?.header ?? path;
  const head = await readHead(file);
  const { header, version, size, type } = layoutOf(head, file, {
    limits: defaultReadLimits,
    volumeIndex,
    paired: pair !== undefined,
  });
  const metadata = metadataOf(header, version, type.name);
  return { size, affineVoxelToWorld: affineOfMetadata(metadata, size, file) };
}

async function readHead(path: string): Promise<Uint8Array> {
  try {
    const handle = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await handle.read(new Uint8Array(headBytes), 0, headBytes, 0);
      const bytes = buffer.subarray(0, bytesRead);
      // The stream is cut off on purpose: what can be unpacked of it is enough.
      const head = isGzip(bytes) ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes;
      return new Uint8Array(head).subarray(0, longestHeader);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    return failToRead(path, cause);
  }
}
