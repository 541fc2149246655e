import { axisCodes, spacingOf, toWorld } from '../../geometry.js';
import type { Affine, Triple } from '../../volume.js';
import { millimetresPerUnit, type NiftiMetadata, overruledQform, spaceUnitBits } from './metadata.js';

/** Spacings that differ by more of themselves are not rounding. */
const spacingTolerance = 0.01;

/** What a header says about the geometry twice and differently, or in other units; a sentence each. */
export function geometryNotes(metadata: NiftiMetadata, size: Triple, used: Affine): readonly string[] {
  const qform = overruledQform(metadata);
  const disagreement = qform && disagreementOf(metadata, size, used, qform);
  const scale = millimetresPerUnit[metadata.units & spaceUnitBits];
  const unit = scale === 1000 ? 'metres' : 'micrometres';
  return [
    ...(disagreement === undefined
      ? []
      : [`${disagreement}; the sform is used, other programs may use the qform`]),
    ...(scale === undefined ? [] : [`its header is in ${unit}: voxels are ${show(spacingOf(used))} mm`]),
  ];
}

/** How the two forms disagree; forms of different spaces (a scanner's, a template's) may lie and turn as they like. */
function disagreementOf(
  { qformCode, sformCode }: NiftiMetadata,
  size: Triple,
  sform: Affine,
  qform: Affine,
): string | undefined {
  const [one, other] = [axisCodes(sform), axisCodes(qform)];
  if (isMirrored(sform) !== isMirrored(qform))
    return `its sform (${one}) and its qform (${other}) disagree about left and right`;
  if (qformCode !== sformCode) return undefined;
  if (one !== other) return `its sform (${one}) and its qform (${other}) disagree about the directions`;
  const [spacing, stored] = [spacingOf(sform), spacingOf(qform)];
  if (spacing.some((mm, axis) => Math.abs(mm / stored[axis]! - 1) > spacingTolerance))
    return `its sform (${show(spacing)} mm) and its qform (${show(stored)} mm) disagree about the size of voxels`;
  const apart = Math.max(
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((bits) => {
      const corner = size.map((count, axis) => ((bits >> axis) & 1) * (count - 1));
      const [p, q] = [toWorld(sform, corner), toWorld(qform, corner)];
      return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
    }),
  );
  return apart > Math.max(...spacing)
    ? `its sform and its qform lie up to ${apart.toFixed(1)} mm apart`
    : undefined;
}

/** Whether a right-handed grid becomes a left-handed one. */
function isMirrored(affine: Affine): boolean {
  const [a, b, c, , d, e, f, , g, h, i] = affine as readonly number[] & { readonly length: 16 };
  return a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!) < 0;
}

function show(spacing: Triple): string {
  return spacing.map((mm) => Number(mm.toPrecision(4))).join('×');
}
