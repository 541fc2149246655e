import { fail } from '../../../base/errors.js';
import type { ReadLimits } from '../../read-limits.js';
import type { Triple } from '../../volume.js';
import type { Window } from './gunzip.js';
import {
  decodeHeader,
  headerKindOf,
  lineEnds,
  type NiftiHeader,
  type NiftiVersion,
  niftiVersions,
} from './header.js';
import { unreadVoxelTypes, type VoxelType, voxelTypes } from './voxel-types.js';

/** What a header says of the file around it, once it has been believed. */
export interface Layout {
  readonly header: NiftiHeader;
  readonly version: NiftiVersion;
  readonly littleEndian: boolean;
  readonly size: Triple;
  /** Volumes in the file, one after the other. */
  readonly volumes: number;
  readonly type: VoxelType;
  readonly scaling: { readonly slope: number; readonly inter: number };
  /** Where the voxels of the chosen volume lie. */
  readonly window: Window;
}

/** What is wanted of a file. */
interface LayoutRequest {
  readonly limits: ReadLimits;
  readonly volumeIndex: number | undefined;
  /** Whether the voxels lie in another file. */
  readonly paired: boolean;
}

/**
 * Reads a header and finds out where the voxels lie.
 *
 * @param head the beginning of the file, all of it when it is shorter than a header
 * @throws UtadError as `readNifti`.
 */
export function layoutOf(head: Uint8Array, where: string, request: LayoutRequest): Layout {
  const { version, littleEndian } = recogniseHeader(head, where);
  const header = decodeHeader(head, version, littleEndian);
  checkMagic(header, version, request.paired, where);
  const shape = shapeOf(header, where);
  const [i, j, k] = shape.slice(0, 3) as [number, number, number];
  const { maximumVoxels, maximumBytes } = request.limits;
  if (i * j * k > maximumVoxels) {
    fail('not-supported', {
      where,
      expected: `at most ${maximumVoxels} voxels`,
      got: `${i}×${j}×${k} = ${i * j * k}`,
      todo: 'Check the header; raise the limit, or resample the volume to a coarser grid.',
    });
  }
  const type = voxelTypeOf(header, where);
  const first = firstVoxelByte(header, version, request, where);
  const volumes = shape.slice(3).reduce((product, size) => product * size, 1);
  const chosen = chooseVolume(volumes, shape, request.volumeIndex, where);
  const bytes = i * j * k * type.bytes;
  const total = first + volumes * bytes;
  if (total > maximumBytes) {
    fail('not-supported', {
      where,
      expected: `a file of at most ${maximumBytes} bytes`,
      got: `${total} for ${shape.join('×')} voxels of ${type.name}`,
      todo: 'Check the header, or raise the limit.',
    });
  }
  const start = first + chosen * bytes;
  return {
    header,
    version,
    littleEndian,
    size: [i, j, k],
    volumes,
    type,
    scaling: scalingOf(header, where),
    window: { start, end: start + bytes, total },
  };
}

function recogniseHeader(
  head: Uint8Array,
  where: string,
): { readonly version: NiftiVersion; readonly littleEndian: boolean } {
  if (head.length < niftiVersions[1].length)
    notNifti(where, head.length === 0 ? 'an empty file' : `only ${head.length} bytes`);
  const kind = headerKindOf(head);
  if (kind === undefined) {
    const mark = String.fromCharCode(...head.subarray(128, 132));
    return notNifti(where, mark === 'DICM' ? 'a DICOM file' : 'something else');
  }
  if (head.length < niftiVersions[kind.version].length) notNifti(where, `only ${head.length} bytes`);
  return kind;
}

function checkMagic(header: NiftiHeader, version: NiftiVersion, paired: boolean, where: string): void {
  const { single, pair } = niftiVersions[version];
  if ('lineEnds' in header && header.lineEnds !== lineEnds && header.magic !== '') {
    fail('bad-file', {
      where,
      expected: 'the bytes 0D 0A 1A 0A after the magic',
      got: 'others: a transfer has changed line ends, or the header is damaged',
      todo: 'Copy the file again in binary mode.',
    });
  }
  if (header.magic === (paired ? pair : single)) return;
  if (header.magic === pair) {
    fail('bad-file', {
      where,
      expected: 'header and voxels in one file',
      got: 'the .hdr of a .hdr/.img pair',
      todo: 'Give it the ending .hdr and put its .img beside it.',
    });
  }
  if (header.magic === single) {
    fail('bad-file', {
      where,
      expected: 'the header of a .hdr/.img pair',
      got: 'the header of a single file',
      todo: 'Give it the ending .nii.',
    });
  }
  if (version === 1) notNifti(where, 'an Analyze 7.5 header without the NIfTI mark');
  notNifti(where, 'a header of 540 bytes without the NIfTI-2 mark');
}

function shapeOf(header: NiftiHeader, where: string): readonly number[] {
  const [axes, ...sizes] = header.dim as [number, ...number[]];
  if (!(axes >= 1 && axes <= 7) || sizes.slice(0, axes).some((size) => size < 1)) {
    fail('bad-file', {
      where,
      expected: 'a grid of 3 axes with at least one voxel along each',
      got: `dim ${header.dim.join(' ')}`,
      todo: 'Repair the header or convert the file again.',
    });
  }
  const shape = sizes.slice(0, axes);
  if (axes < 3) {
    fail('not-supported', {
      where,
      expected: 'a volume of 3 axes',
      got: `an image of ${shape.join('×')}`,
      todo: 'Give the whole volume.',
    });
  }
  return shape;
}

function chooseVolume(
  volumes: number,
  shape: readonly number[],
  volumeIndex: number | undefined,
  where: string,
): number {
  if (volumeIndex === undefined && volumes === 1) return 0;
  const choose = `Choose one by its index (volumeIndex), 0 to ${volumes - 1}`;
  if (volumeIndex === undefined) {
    return fail('bad-argument', {
      where,
      expected: 'one volume',
      got: `a series of ${volumes} (${shape.join('×')})`,
      todo: `${choose}, or save one as a file of its own.`,
      parameter: 'volumeIndex',
    });
  }
  if (Number.isInteger(volumeIndex) && volumeIndex >= 0 && volumeIndex < volumes) return volumeIndex;
  return fail('bad-argument', {
    where,
    expected: `a volume index from 0 to ${volumes - 1}`,
    got: `${volumeIndex}`,
    todo: volumes === 1 ? 'The file holds one volume.' : `${choose}.`,
    parameter: 'volumeIndex',
  });
}

function voxelTypeOf(header: NiftiHeader, where: string): VoxelType {
  const type = voxelTypes.find((candidate) => candidate.code === header.datatype);
  if (type) return type;
  return fail('not-supported', {
    where,
    expected: `voxels of ${voxelTypes.map(({ name }) => name).join(', ')}`,
    got: `type ${header.datatype} (${unreadVoxelTypes[header.datatype] ?? 'not in the standard'})`,
    todo: 'Convert the image to float32.',
  });
}

/** Files without the four bytes that announce extensions start their voxels right after the header. */
function firstVoxelByte(
  header: NiftiHeader,
  version: NiftiVersion,
  { paired, limits }: LayoutRequest,
  where: string,
): number {
  const { length, minimumVoxOffset } = niftiVersions[version];
  const start = header.voxOffset;
  if (start >= (paired ? 0 : length) && start <= limits.maximumBytes) return Math.floor(start);
  return fail('bad-file', {
    where,
    expected: `voxels that start at byte ${paired ? 0 : minimumVoxOffset} or a little later`,
    got: `vox_offset ${start}`,
    todo: 'Repair the header or convert the file again.',
  });
}

function scalingOf(header: NiftiHeader, where: string): Layout['scaling'] {
  const { sclSlope: slope, sclInter: inter } = header;
  if (slope === 0 || !Number.isFinite(slope)) return { slope: 1, inter: 0 };
  if (Number.isFinite(inter)) return { slope, inter };
  return fail('bad-file', {
    where,
    expected: 'a finite scl_inter beside scl_slope',
    got: `slope ${slope}, inter ${inter}`,
    todo: 'Repair the header.',
  });
}

function notNifti(where: string, got: string): never {
  return fail('bad-file', {
    where,
    expected: 'a NIfTI image (.nii, .nii.gz, or .hdr with .img)',
    got,
    todo: 'Convert it to NIfTI.',
  });
}
