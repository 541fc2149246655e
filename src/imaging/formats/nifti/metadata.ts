import { fail } from '../../../base/errors.js';
import type { Affine, Triple } from '../../volume.js';
import type { VoxelTypeName } from '../../volume-format.js';
import type { NiftiHeader, NiftiVersion } from './header.js';

/**
 * What a file said about its geometry, in its own numbers, so that the same can be written again.
 * Nothing in it identifies a patient.
 */
export interface NiftiMetadata {
  /** Version of the format that the file had. */
  readonly version: NiftiVersion;
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
  /** Which axes were frequency, phase and slice of the acquisition, two bits each; 0 for unknown. */
  readonly dimInfo: number;
  /** How the voxels were stored. */
  readonly voxelType: VoxelTypeName;
  /** The file says of itself that this program made it. */
  readonly synthetic?: true;
}

/** The origin of a volume that was read from NIfTI. */
export interface NiftiOrigin {
  readonly format: 'nifti';
  readonly header: NiftiMetadata;
}

declare module '../../volume.js' {
  interface VolumeOrigins {
    readonly nifti: NiftiOrigin;
  }
}

/** How the free text of a made volume begins and ends: `synthetic t2 from t1, utad-net 0.1.0`. */
const syntheticText = /^synthetic .*\butad-net\b|^utad-net synthetic/;

/** Takes the geometry out of a header. */
export function metadataOf(
  header: NiftiHeader,
  version: NiftiVersion,
  voxelType: VoxelTypeName,
): NiftiMetadata {
  const [qfac, di, dj, dk] = header.pixdim as [number, number, number, number];
  return {
    version,
    qformCode: header.qformCode,
    sformCode: header.sformCode,
    qfac,
    pixdim: [di, dj, dk],
    quaternion: [header.quaternB, header.quaternC, header.quaternD],
    qoffset: [header.qoffsetX, header.qoffsetY, header.qoffsetZ],
    srow: [...header.srowX, ...header.srowY, ...header.srowZ],
    units: header.xyztUnits,
    dimInfo: header.dimInfo,
    voxelType,
    ...(syntheticText.test(header.descrip) ? { synthetic: true as const } : {}),
  };
}

/** Bits of `xyzt_units` that say the unit of space. */
export const spaceUnitBits = 7;
/** Code of millimetres in them. */
export const millimetres = 2;
/** Millimetres in a unit of space, by its code: metres, micrometres; everything else counts as millimetres. */
export const millimetresPerUnit: Readonly<Record<number, number>> = { 1: 1000, 3: 0.001 };

/**
 * The affine that the metadata stand for: the sform if it has a code, else the qform if it has one, else
 * the spacing with x mirrored and the grid's centre at the origin. Codes that the standard does not know
 * count as none, a spacing of 0 as 1, a negative one as positive.
 *
 * @throws UtadError bad-file when the chosen form cannot be a geometry.
 * @source nibabel, `Nifti1Header.get_best_affine` and the header checks of `load`; nifti1.h, methods 1 to 3.
 */
export function affineOfMetadata(metadata: NiftiMetadata, size: Triple, where: string): Affine {
  const [form, rows] = isKnownCode(metadata.sformCode)
    ? (['sform', metadata.srow] as const)
    : isKnownCode(metadata.qformCode)
      ? (['qform', qformRows(metadata, where)] as const)
      : (['pixdim', spacingRows(metadata, size)] as const);
  const affine = inMillimetres(rows, metadata);
  checkAffine(affine, form, where);
  return affine;
}

/** The affine of the qform where both forms are in use; the sform is the one that counts then. */
export function overruledQform(metadata: NiftiMetadata): Affine | undefined {
  if (!isKnownCode(metadata.sformCode) || !isKnownCode(metadata.qformCode)) return undefined;
  // A quaternion that is none was never looked at; the sform counts.
  const isRotation = Math.hypot(...metadata.quaternion) <= 1 + quaternionRounding;
  return isRotation ? inMillimetres(qformRows(metadata, 'qform'), metadata) : undefined;
}

function inMillimetres(rows: readonly number[], { units }: NiftiMetadata): Affine {
  const scale = millimetresPerUnit[units & spaceUnitBits] ?? 1;
  return [...rows.map((value) => value * scale), 0, 0, 0, 1];
}

/** Whether the metadata say how the voxels lie in the patient; else the affine is an assumption. */
export function saysOrientation({ sformCode, qformCode }: NiftiMetadata): boolean {
  return isKnownCode(sformCode) || isKnownCode(qformCode);
}

/** @source nifti1.h, NIFTI_XFORM_*: scanner, aligned, Talairach, MNI, other template. */
function isKnownCode(code: number): boolean {
  return code >= 1 && code <= 5;
}

function spacingRows({ pixdim }: NiftiMetadata, size: Triple): readonly number[] {
  const [di, dj, dk] = pixdim.map(repairSpacing) as [number, number, number];
  const half = (axis: 0 | 1 | 2): number => (size[axis] - 1) / 2;
  return [-di, 0, 0, half(0) * di, 0, dj, 0, -half(1) * dj, 0, 0, dk, -half(2) * dk];
}

function repairSpacing(stored: number): number {
  return stored === 0 ? 1 : Math.abs(stored);
}

/** The three numbers come from single precision: a hair over unit length is rounding, more is a broken file. */
const quaternionRounding = 2 ** -23;

function qformRows(metadata: NiftiMetadata, where: string): readonly number[] {
  const [b, c, d] = metadata.quaternion;
  const rest = 1 - (b * b + c * c + d * d);
  if (!(rest >= -3 * quaternionRounding)) {
    fail('bad-file', {
      where,
      expected: 'a qform whose quaternion has at most unit length',
      got: `b, c, d = ${b}, ${c}, ${d}`,
      todo: 'Repair the header or give the file an sform.',
    });
  }
  const a = Math.sqrt(Math.max(0, rest));
  const [di, dj, dk] = metadata.pixdim.map(repairSpacing) as [number, number, number];
  const dkSigned = metadata.qfac === -1 ? -dk : dk;
  const s = 2 / (a * a + b * b + c * c + d * d);
  const [x, y, z] = metadata.qoffset;
  return [
    ...[(1 - s * (c * c + d * d)) * di, s * (b * c - a * d) * dj, s * (b * d + a * c) * dkSigned, x],
    ...[s * (b * c + a * d) * di, (1 - s * (b * b + d * d)) * dj, s * (c * d - a * b) * dkSigned, y],
    ...[s * (b * d - a * c) * di, s * (c * d + a * b) * dj, (1 - s * (b * b + c * c)) * dkSigned, z],
  ];
}

/** Voxels from a tenth of a micrometre to ten metres; what lies beyond is no measurement. */
const plausibleSpacing = { low: 1e-4, high: 1e4 };
/** Volume of a voxel beside that of a box with its edges: below this the axes fall together. */
const leastSkewVolume = 1e-6;

function checkAffine(affine: Affine, form: string, where: string): void {
  const [a, b, c, , d, e, f, , g, h, i] = affine.map(Number) as [number, ...number[]];
  const determinant = a * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!);
  const edges = [Math.hypot(a, d!, g!), Math.hypot(b!, e!, h!), Math.hypot(c!, f!, i!)];
  const { low, high } = plausibleSpacing;
  const plausible =
    affine.every(Number.isFinite) &&
    edges.every((edge) => edge >= low && edge <= high) &&
    Math.abs(determinant) >= leastSkewVolume * edges[0]! * edges[1]! * edges[2]!;
  if (plausible) return;
  fail('bad-file', {
    where,
    expected: `a ${form} that maps voxels to millimetres`,
    got: `${form} ${affine.slice(0, 12).join(' ')}`,
    todo: `Repair the header: axes are zero, not finite, fall together or lie outside ${low} to ${high} mm.`,
  });
}
