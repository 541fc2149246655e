import { fail } from '../../base/errors.js';
import type { Affine, Triple } from '../affine.js';
import type { NiftiHeader } from './header.js';
import type { VoxelTypeName } from './voxel-types.js';

/**
 * What a file said about its geometry, in its own numbers, so that the same can be written again.
 * Nothing in it identifies a patient.
 */
export interface NiftiMetadata {
  readonly qformCode: number;
  readonly sformCode: number;
  /** qfac as stored: −1 mirrors the third axis of the quaternion's affine, everything else does not. */
  readonly qfac: number;
  /** Spacing along i, j, k as stored, in `units`. */
  readonly pixdim: Triple;
  /** b, c, d of the rotation. */
  readonly quaternion: Triple;
  readonly qoffset: Triple;
  /** The upper three rows of the sform's affine. */
  readonly srow: readonly number[];
  /** Space and time units as coded in `xyzt_units`. */
  readonly units: number;
  /** How the voxels were stored. */
  readonly voxelType: VoxelTypeName;
}

/** Takes the geometry out of a header. */
export function metadataOf(header: NiftiHeader, voxelType: VoxelTypeName): NiftiMetadata {
  const [qfac, di, dj, dk] = header.pixdim as [number, number, number, number];
  return {
    qformCode: header.qformCode,
    sformCode: header.sformCode,
    qfac,
    pixdim: [di, dj, dk],
    quaternion: [header.quaternB, header.quaternC, header.quaternD],
    qoffset: [header.qoffsetX, header.qoffsetY, header.qoffsetZ],
    srow: [...header.srowX, ...header.srowY, ...header.srowZ],
    units: header.xyztUnits,
    voxelType,
  };
}

/**
 * The affine that the metadata stand for: the sform if it has a code, else the qform if it has one, else
 * the spacing with x mirrored and the grid's centre at the origin.
 *
 * @throws UtadError bad-file when the chosen form cannot be a geometry.
 * @source nibabel, `Nifti1Header.get_best_affine`; nifti1.h, methods 1 to 3.
 */
export function affineOfMetadata(metadata: NiftiMetadata, size: Triple, where: string): Affine {
  if (metadata.sformCode !== 0) return checkAffine([...metadata.srow, 0, 0, 0, 1], 'sform', where);
  if (metadata.qformCode !== 0) return checkAffine(qformAffine(metadata, where), 'qform', where);
  const [di, dj, dk] = metadata.pixdim;
  const centre = (axis: 0 | 1 | 2): number => ((size[axis] - 1) / 2) * metadata.pixdim[axis];
  return checkAffine(
    [-di, 0, 0, centre(0), 0, dj, 0, -centre(1), 0, 0, dk, -centre(2), 0, 0, 0, 1],
    'pixdim',
    where,
  );
}

function qformAffine(metadata: NiftiMetadata, where: string): Affine {
  const [b, c, d] = metadata.quaternion;
  const rest = 1 - (b * b + c * c + d * d);
  // The three are stored in single precision: a hair over unit length is rounding, more is a broken file.
  if (rest < -3 * 2 ** -23) {
    fail('bad-file', {
      where,
      expected: 'a qform whose quaternion has at most unit length',
      got: `b, c, d = ${b}, ${c}, ${d}`,
      todo: 'Repair the header or give the file an sform.',
    });
  }
  const a = Math.sqrt(Math.max(0, rest));
  const [di, dj, dk] = metadata.pixdim;
  const dkSigned = metadata.qfac === -1 ? -dk : dk;
  const s = 2 / (a * a + b * b + c * c + d * d);
  const [x, y, z] = metadata.qoffset;
  return [
    ...[(1 - s * (c * c + d * d)) * di, s * (b * c - a * d) * dj, s * (b * d + a * c) * dkSigned, x],
    ...[s * (b * c + a * d) * di, (1 - s * (b * b + d * d)) * dj, s * (c * d - a * b) * dkSigned, y],
    ...[s * (b * d - a * c) * di, s * (c * d + a * b) * dj, (1 - s * (b * b + c * c)) * dkSigned, z],
    ...[0, 0, 0, 1],
  ];
}

function checkAffine(affine: Affine, form: string, where: string): Affine {
  const [a, b, c, , d, e, f, , g, h, i] = affine.map(Number);
  const determinant = a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!);
  if (!affine.every(Number.isFinite) || Math.abs(determinant) < 1e-9) {
    fail('bad-file', {
      where,
      expected: `a ${form} that maps voxels to millimetres`,
      got: `${form} ${affine.slice(0, 12).join(' ')}`,
      todo: 'Repair the header: its axes are zero, not finite or fall together.',
    });
  }
  return affine;
}
