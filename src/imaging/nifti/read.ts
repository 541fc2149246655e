import { fail } from '../../base/errors.js';
import type { Triple, Volume } from '../volume.js';
import { gunzipUpTo, isGzip } from './gunzip.js';
import { decodeHeader, headerLength, minimumVoxOffset, type NiftiHeader } from './header.js';
import { affineOfMetadata, metadataOf } from './metadata.js';
import { decodeVoxels, unreadVoxelTypes, type VoxelType, voxelTypes } from './voxel-types.js';

/** 1 GiB of 32-bit values; a head at half a millimetre has a tenth of that. */
const maximumVoxels = 2 ** 28;
/** Extensions between header and voxels are skipped; more than this is a broken offset. */
const maximumVoxOffset = 2 ** 26;

interface Layout {
  readonly header: NiftiHeader;
  readonly littleEndian: boolean;
  readonly size: Triple;
  readonly type: VoxelType;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a NIfTI-1 image (.nii, or .nii.gz by its first bytes) of three axes, or of more when those have size 1.
 *
 * Values carry the file's scaling (`scl_slope`, `scl_inter`), as 32-bit floating point; voxels that are not
 * finite are passed on as they are. The affine is the sform, else the qform, else the plain spacing.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file or not-supported, naming what is wrong and what to do.
 * @source NIfTI-1 data format, nifti1.h; nibabel for precedence.
 */
export function readNifti(bytes: Uint8Array, where: string): Volume {
  const unpacked = isGzip(bytes)
    ? gunzipUpTo(bytes, where, headerLength, (head) => layoutOf(head, where).end)
    : bytes;
  const { header, littleEndian, size, type, start, end } = layoutOf(unpacked, where);
  if (unpacked.length < end) {
    fail('bad-file', {
      where,
      expected: `${end} bytes for ${size.join('×')} voxels of ${type.name}`,
      got: `${unpacked.length} bytes: the file is cut off`,
      todo: 'Copy or download the file again.',
    });
  }
  const metadata = metadataOf(header, type.name);
  return {
    data: decodeVoxels(unpacked.subarray(start, end), type, littleEndian, scalingOf(header, where)),
    size,
    affineVoxelToWorld: affineOfMetadata(metadata, size, where),
    nifti: metadata,
  };
}

function layoutOf(head: Uint8Array, where: string): Layout {
  const littleEndian = byteOrderOf(head, where);
  const header = decodeHeader(head, littleEndian);
  if (header.magic === 'ni1') {
    fail('not-supported', {
      where,
      expected: 'header and voxels in one file',
      got: 'the .hdr of a .hdr/.img pair',
      todo: 'Convert it to .nii.gz.',
    });
  }
  if (header.magic !== 'n+1') notNifti(where, 'an Analyze 7.5 header without the NIfTI mark');
  const size = sizeOfGrid(header, where);
  const type = voxelTypes.find((candidate) => candidate.code === header.datatype);
  if (!type) {
    fail('not-supported', {
      where,
      expected: `voxels of ${voxelTypes.map(({ name }) => name).join(', ')}`,
      got: `type ${header.datatype} (${unreadVoxelTypes[header.datatype] ?? 'not in the standard'})`,
      todo: 'Convert the image to float32.',
    });
  }
  const start = header.voxOffset;
  if (!(start >= minimumVoxOffset - 4 && start <= maximumVoxOffset)) {
    fail('bad-file', {
      where,
      expected: `voxels that start at byte ${minimumVoxOffset} or a little later`,
      got: `vox_offset ${start}`,
      todo: 'Repair the header or convert the file again.',
    });
  }
  const first = Math.floor(start);
  return {
    header,
    littleEndian,
    size,
    type,
    start: first,
    end: first + size[0] * size[1] * size[2] * type.bytes,
  };
}

function byteOrderOf(head: Uint8Array, where: string): boolean {
  if (head.length < headerLength) {
    notNifti(where, head.length === 0 ? 'an empty file' : `only ${head.length} bytes`);
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getInt32(0, true) === headerLength) return true;
  if (view.getInt32(0, false) === headerLength) return false;
  if (view.getInt32(0, true) === 540 || view.getInt32(0, false) === 540) {
    fail('not-supported', {
      where,
      expected: 'a NIfTI-1 image',
      got: 'NIfTI-2',
      todo: 'Convert it to NIfTI-1, for example with nibabel.',
    });
  }
  const mark = String.fromCharCode(...head.subarray(128, 132));
  return notNifti(where, mark === 'DICM' ? 'a DICOM file' : 'something else');
}

function sizeOfGrid(header: NiftiHeader, where: string): Triple {
  const [axes, ...sizes] = header.dim as [number, ...number[]];
  const shape = sizes.slice(0, Math.max(axes, 0));
  const shown = shape.join('×');
  if (axes < 1 || axes > 7 || shape.some((size) => size < 1)) {
    fail('bad-file', {
      where,
      expected: 'a grid of 3 axes with at least one voxel along each',
      got: `dim ${header.dim.join(' ')}`,
      todo: 'Repair the header or convert the file again.',
    });
  }
  if (axes < 3) {
    fail('not-supported', {
      where,
      expected: 'a volume of 3 axes',
      got: `an image of ${shown}`,
      todo: 'Give the whole volume.',
    });
  }
  if (shape.slice(3).some((size) => size > 1)) {
    fail('not-supported', {
      where,
      expected: 'one volume',
      got: `a series of ${shown}`,
      todo: 'Pick one volume out of it and save that as a file of its own.',
    });
  }
  const [i, j, k] = shape as [number, number, number];
  if (i * j * k > maximumVoxels) {
    fail('not-supported', {
      where,
      expected: `at most ${maximumVoxels} voxels`,
      got: `${shown} = ${i * j * k}`,
      todo: 'Check the header, or resample the volume to a coarser grid.',
    });
  }
  return [i, j, k];
}

function scalingOf(header: NiftiHeader, where: string): { slope: number; inter: number } {
  const { sclSlope: slope, sclInter: inter } = header;
  if (slope === 0 || !Number.isFinite(slope)) return { slope: 1, inter: 0 };
  if (!Number.isFinite(inter)) {
    fail('bad-file', {
      where,
      expected: 'a finite scl_inter beside scl_slope',
      got: `slope ${slope}, inter ${inter}`,
      todo: 'Repair the header.',
    });
  }
  return { slope, inter };
}

function notNifti(where: string, got: string): never {
  return fail('bad-file', {
    where,
    expected: 'a NIfTI-1 image (.nii or .nii.gz)',
    got,
    todo: 'Convert it to NIfTI-1.',
  });
}
