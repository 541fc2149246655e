import { gzipSync } from 'fflate';
import { fail } from '../../base/errors.js';
import { spacingOf } from '../geometry.js';
import type { Volume } from '../volume.js';
import { encodeHeader, headerLength, minimumVoxOffset } from './header.js';
import { affineOfMetadata, type NiftiMetadata } from './metadata.js';
import { encodeVoxels, type VoxelType, type VoxelTypeName, voxelTypes } from './voxel-types.js';

/** How a volume is written. */
export interface NiftiWriteOptions {
  readonly gzip: boolean;
  /** How voxels are stored, float32 unless given; whole-number types round and refuse values beyond their range. */
  readonly datatype?: VoxelTypeName;
  /** The header's free text, up to 79 Latin characters; `utad-net synthetic` unless given. */
  readonly description?: string;
}

/**
 * Writes a volume as a NIfTI-1 file.
 *
 * Geometry (affine, qform, sform, their codes, units) is that of the file the volume came from, number for
 * number, as long as the volume still lies on that grid. Nothing else of that file's header is passed on.
 *
 * @throws UtadError bad-shape when data and grid disagree, bad-value when a value does not fit the voxel type.
 * @source NIfTI-1 data format, nifti1.h.
 */
export function writeNifti(volume: Volume, options: NiftiWriteOptions): Uint8Array {
  const type = voxelTypes.find(({ name }) => name === (options.datatype ?? 'float32'))!;
  checkFits(volume, type);
  const metadata = metadataFor(volume);
  const [di, dj, dk] = metadata.pixdim;
  const [i, j, k] = volume.size;
  const header = encodeHeader({
    sizeofHdr: headerLength,
    dataType: '',
    dbName: '',
    extents: 0,
    sessionError: 0,
    regular: 'r'.charCodeAt(0),
    dimInfo: 0,
    dim: [3, i, j, k, 1, 1, 1, 1],
    intentP1: 0,
    intentP2: 0,
    intentP3: 0,
    intentCode: 0,
    datatype: type.code,
    bitpix: type.bytes * 8,
    sliceStart: 0,
    pixdim: [metadata.qfac, di, dj, dk, 1, 1, 1, 1],
    voxOffset: minimumVoxOffset,
    sclSlope: 1,
    sclInter: 0,
    sliceEnd: 0,
    sliceCode: 0,
    xyztUnits: metadata.units,
    calMax: 0,
    calMin: 0,
    sliceDuration: 0,
    toffset: 0,
    glmax: 0,
    glmin: 0,
    descrip: (options.description ?? 'utad-net synthetic').slice(0, 79),
    auxFile: '',
    qformCode: metadata.qformCode,
    sformCode: metadata.sformCode,
    quaternB: metadata.quaternion[0],
    quaternC: metadata.quaternion[1],
    quaternD: metadata.quaternion[2],
    qoffsetX: metadata.qoffset[0],
    qoffsetY: metadata.qoffset[1],
    qoffsetZ: metadata.qoffset[2],
    srowX: metadata.srow.slice(0, 4),
    srowY: metadata.srow.slice(4, 8),
    srowZ: metadata.srow.slice(8, 12),
    intentName: '',
    magic: 'n+1',
  });
  const file = new Uint8Array(minimumVoxOffset + volume.data.length * type.bytes);
  file.set(header);
  file.set(encodeVoxels(volume.data, type), minimumVoxOffset);
  // No time and no name in the gzip header: the same volume gives the same bytes.
  return options.gzip ? gzipSync(file, { level: 6, mtime: 0 }) : file;
}

const millimetres = 2;
const alignedSpace = 2;

/** The source's metadata while they still describe the volume; otherwise an sform of the volume's affine. */
function metadataFor(volume: Volume): NiftiMetadata {
  const { nifti, size, affineVoxelToWorld } = volume;
  if (nifti) {
    const described = affineOfMetadata(nifti, size, 'volume');
    if (described.every((value, index) => value === affineVoxelToWorld[index])) return nifti;
  }
  return {
    qformCode: 0,
    sformCode: alignedSpace,
    qfac: 1,
    pixdim: spacingOf(affineVoxelToWorld),
    quaternion: [0, 0, 0],
    qoffset: [0, 0, 0],
    srow: affineVoxelToWorld.slice(0, 12),
    units: nifti?.units ?? millimetres,
    voxelType: nifti?.voxelType ?? 'float32',
  };
}

function checkFits(volume: Volume, type: VoxelType): void {
  const { data, size } = volume;
  if (data.length !== size[0] * size[1] * size[2] || size.some((n) => n > 32767)) {
    fail('bad-shape', {
      where: 'volume to write',
      expected: `${size.join('×')} voxels, at most 32767 along an axis`,
      got: `${data.length} values`,
    });
  }
  if (!type.range) return;
  const { low, high } = type.range;
  for (let index = 0; index < data.length; index++) {
    const value = Math.round(data[index]!);
    if (!(value >= low && value <= high)) {
      fail('bad-value', {
        where: 'volume to write',
        expected: `values from ${low} to ${high} for ${type.name}`,
        got: `${data[index]} at voxel ${index}`,
        todo: 'Write it as float32.',
      });
    }
  }
}
