import { gzipSync } from 'fflate';
import { requireArguments } from '../../../base/arguments.js';
import { fail } from '../../../base/errors.js';
import { spacingOf } from '../../geometry.js';
import type { Volume } from '../../volume.js';
import type { VoxelTypeName } from '../../volume-format.js';
import { requireVolume } from '../../volume-shape.js';
import { encodeHeader, type HeaderValues, lineEnds, type NiftiVersion, niftiVersions } from './header.js';
import { affineOfMetadata, millimetres, type NiftiMetadata, spaceUnitBits } from './metadata.js';
import { encodeVoxels, type VoxelType, voxelTypes } from './voxel-types.js';

/** How a volume is written. */
export interface NiftiWriteOptions {
  readonly gzip: boolean;
  /** How voxels are stored, float32 unless given; whole-number types round and refuse values beyond their range. */
  readonly datatype?: VoxelTypeName;
  /** The header's free text, up to 79 Latin characters; `utad-net synthetic` unless given. */
  readonly description?: string;
}

/**
 * Writes a volume as a NIfTI file of the version that it came from, else NIfTI-1.
 *
 * Geometry (affine, qform, sform, their codes, units, `dim_info`) is that of the file the volume came from, number
 * for number, as long as the volume still lies on that grid. Nothing else of that file's header is passed on.
 *
 * @throws UtadError bad-shape when data and grid disagree, bad-value when a value does not fit the voxel type.
 * @source NIfTI-1 and NIfTI-2 data formats, nifti1.h and nifti2.h.
 */
export function writeNifti(volume: Volume, options: NiftiWriteOptions): Uint8Array {
  requireArguments('writeNifti', { options: [options, 'object'] });
  requireVolume(volume, 'volume to write as NIfTI');
  const type = voxelTypes.find(({ name }) => name === (options.datatype ?? 'float32'))!;
  checkFits(volume, type);
  const metadata = metadataFor(volume);
  const [di, dj, dk] = metadata.pixdim;
  const [i, j, k] = volume.size;
  const version = versionFor(volume, metadata);
  const { length, minimumVoxOffset, single } = niftiVersions[version];
  const fields: HeaderValues = {
    sizeofHdr: length,
    dataType: '',
    dbName: '',
    extents: 0,
    sessionError: 0,
    regular: 'r'.charCodeAt(0),
    dimInfo: metadata.dimInfo,
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
    descrip: latin(options.description ?? 'utad-net synthetic').slice(0, 79),
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
    magic: single,
    lineEnds,
    unused: '',
  };
  const file = new Uint8Array(minimumVoxOffset + volume.data.length * type.bytes);
  file.set(encodeHeader(fields, version));
  file.set(encodeVoxels(volume.data, type), minimumVoxOffset);
  // No time and no name in the gzip header: the same volume gives the same bytes.
  return options.gzip ? gzipSync(file, { level: 6, mtime: 0 }) : file;
}

const alignedSpace = 2;
/** Voxels along an axis that NIfTI-1 can count. */
const longestNifti1Axis = 32767;

function versionFor({ size }: Volume, metadata: NiftiMetadata): NiftiVersion {
  return size.some((n) => n > longestNifti1Axis) ? 2 : metadata.version;
}

/** Header texts have one byte a character. */
function latin(text: string): string {
  return text.replace(/[^\x20-\x7e\xa0-\xff]/gu, '?');
}

/** The source's metadata while they still describe the volume; otherwise an sform of the volume's affine. */
function metadataFor(volume: Volume): NiftiMetadata {
  const { origin, size, affineVoxelToWorld } = volume;
  const header = origin.format === 'nifti' ? origin.header : undefined;
  if (header) {
    const described = affineOfMetadata(header, size, 'volume');
    if (described.every((value, index) => value === affineVoxelToWorld[index])) return header;
  }
  return {
    version: header?.version ?? 1,
    qformCode: 0,
    sformCode: alignedSpace,
    qfac: 1,
    pixdim: spacingOf(affineVoxelToWorld),
    quaternion: [0, 0, 0],
    qoffset: [0, 0, 0],
    srow: affineVoxelToWorld.slice(0, 12),
    // The affine is in millimetres, whatever the source's unit was.
    units: ((header?.units ?? 0) & ~spaceUnitBits) | millimetres,
    dimInfo: 0,
    voxelType: header?.voxelType ?? 'float32',
  };
}

function checkFits(volume: Volume, type: VoxelType): void {
  const { data } = volume;
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
