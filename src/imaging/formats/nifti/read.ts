import { requireArguments } from '../../../base/arguments.js';
import { fail } from '../../../base/errors.js';
import { defaultReadLimits, type ReadLimits } from '../../read-limits.js';
import type { Volume } from '../../volume.js';
import { geometryNotes } from './geometry-notes.js';
import { gunzipWindow, isGzip, type UnpackedWindow, type Window } from './gunzip.js';
import { longestHeader } from './header.js';
import { type Layout, layoutOf } from './layout.js';
import { affineOfMetadata, metadataOf, type NiftiOrigin } from './metadata.js';
import { decodeVoxels } from './voxel-types.js';

/** What to read of a file, and how much of it. */
export interface NiftiReadOptions {
  /** Which volume of a series, from 0; a file with one volume needs none. */
  readonly volumeIndex?: number;
  /** {@link defaultReadLimits} unless given. */
  readonly limits?: ReadLimits;
  /** The .img file where the first file is the .hdr of a pair. */
  readonly voxelFile?: { readonly bytes: Uint8Array; readonly where: string };
}

/** A volume that knows the NIfTI header it came from. */
export type NiftiVolume = Volume & { readonly origin: NiftiOrigin };

/**
 * Reads a volume of three axes from a NIfTI-1 or NIfTI-2 file, or from a .hdr/.img pair; either may be packed
 * with gzip, which its first bytes tell.
 *
 * Values carry the file's scaling (`scl_slope`, `scl_inter`), as 32-bit floating point; voxels that are not
 * finite are passed on as they are. The affine is the sform, else the qform, else the plain spacing.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file or not-supported, naming what is wrong and what to do; bad-argument when a series
 *   is read without a volume index or with one beyond its end.
 * @source NIfTI-1 and NIfTI-2 data formats, nifti1.h and nifti2.h; nibabel for precedence.
 */
export function readNifti(bytes: Uint8Array, where: string, options: NiftiReadOptions = {}): NiftiVolume {
  requireArguments('readNifti', {
    bytes: [bytes, 'bytes'],
    where: [where, 'text'],
    options: [options, 'object'],
  });
  const { limits = defaultReadLimits, volumeIndex, voxelFile } = options;
  const layoutIn = (head: Uint8Array): Layout =>
    layoutOf(head, where, { limits, volumeIndex, paired: voxelFile !== undefined });
  let layout: Layout;
  let voxels: UnpackedWindow;
  if (voxelFile === undefined) {
    voxels = windowIn(bytes, where, limits, (head) => layoutIn(head).window);
    layout = layoutIn(voxels.head);
  } else {
    layout = layoutIn(windowIn(bytes, where, limits, () => ({ start: 0, end: 0, total: bytes.length })).head);
    const { window } = layout;
    voxels = windowIn(voxelFile.bytes, voxelFile.where, limits, () => window);
  }
  const { header, version, littleEndian, size, type, volumes, window, scaling } = layout;
  if (voxels.length < window.total) {
    const count = volumes === 1 ? '' : `${volumes} × `;
    fail('bad-file', {
      where: voxelFile?.where ?? where,
      expected: `${window.total} bytes for ${count}${size.join('×')} voxels of ${type.name}`,
      got: `${voxels.length} bytes: the file is cut off`,
      todo: 'Copy or download the file again.',
    });
  }
  const metadata = metadataOf(header, version, type.name);
  const affineVoxelToWorld = affineOfMetadata(metadata, size, where);
  const notes = [
    ...(voxels.excessBytes > 0 ? [`${voxels.excessBytes} bytes behind the packed stream were ignored`] : []),
    ...(voxels.length > window.total
      ? [`${voxels.length - window.total} bytes behind the voxels were ignored`]
      : []),
    ...geometryNotes(metadata, size, affineVoxelToWorld),
  ];
  return {
    data: decodeVoxels(voxels.wanted, type, littleEndian, scaling),
    size,
    affineVoxelToWorld,
    origin: { format: 'nifti', header: metadata },
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/** The wanted bytes of a file that may be packed. */
function windowIn(
  bytes: Uint8Array,
  where: string,
  limits: ReadLimits,
  windowOf: (head: Uint8Array) => Window,
): UnpackedWindow {
  if (bytes.length > limits.maximumBytes) {
    fail('not-supported', {
      where,
      expected: `a file of at most ${limits.maximumBytes} bytes`,
      got: `${bytes.length}`,
      todo: 'Check the file, or raise the limit.',
    });
  }
  if (isGzip(bytes)) return gunzipWindow(bytes, where, longestHeader, windowOf);
  const head = bytes.subarray(0, longestHeader);
  const { start, end } = windowOf(head);
  return { head, wanted: bytes.subarray(start, end), length: bytes.length, excessBytes: 0 };
}
