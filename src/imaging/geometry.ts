import { fail } from '../base/errors.js';
import type { Affine, Triple, Volume } from './volume.js';
import { requireAffine, requireGrid } from './volume-shape.js';

/** Distance of neighbouring voxels along i, j, k in millimetres: the lengths of the affine's columns. */
export function spacingOf(affine: Affine): Triple {
  requireAffine(affine, 'spacingOf');
  const length = (column: number): number =>
    Math.hypot(affine[column]!, affine[4 + column]!, affine[8 + column]!);
  return [length(0), length(1), length(2)];
}

/** Which world axis (0 x, 1 y, 2 z) each voxel axis follows most closely, and in which direction. */
interface ClosestAxes {
  readonly worldAxis: readonly [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2];
  /** 1 when the voxel index grows towards R, A or S, −1 towards L, P or I. */
  readonly direction: readonly [1 | -1, 1 | -1, 1 | -1];
}

/** The six ways to assign three voxel axes to three world axes. */
export const axisOrders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** Assigns each voxel axis its own world axis such that the sum of |cosines| between them is the largest. */
export function closestAxes(affine: Affine): ClosestAxes {
  const spacing = spacingOf(affine);
  const cosine = (world: number, axis: 0 | 1 | 2): number => affine[4 * world + axis]! / spacing[axis];
  const closeness = (order: (typeof axisOrders)[number]): number =>
    Math.abs(cosine(order[0], 0)) + Math.abs(cosine(order[1], 1)) + Math.abs(cosine(order[2], 2));
  const best = axisOrders.reduce((a, b) => (closeness(b) > closeness(a) + 1e-9 ? b : a));
  const sign = (axis: 0 | 1 | 2): 1 | -1 => (cosine(best[axis], axis) < 0 ? -1 : 1);
  return { worldAxis: best, direction: [sign(0), sign(1), sign(2)] };
}

/** The direction in which each voxel axis grows, as letters: `LPS` for BraTS, `RAS` for most other files. */
export function axisCodes(affine: Affine): string {
  requireAffine(affine, 'axisCodes');
  const { worldAxis, direction } = closestAxes(affine);
  return worldAxis.map((world, axis) => (direction[axis] === 1 ? 'RAS' : 'LPI')[world]).join('');
}

/** How far corresponding voxels may lie apart on grids that count as the same, as a share of the spacing. */
const gridTolerance = 0.01;

/** Whether two volumes have the same number of voxels at the same places, to a hundredth of a voxel. */
export function sameGrid(
  a: Pick<Volume, 'size' | 'affineVoxelToWorld'>,
  b: Pick<Volume, 'size' | 'affineVoxelToWorld'>,
): boolean {
  requireGrid(a, 'sameGrid');
  requireGrid(b, 'sameGrid');
  if (a.size.some((size, axis) => size !== b.size[axis])) return false;
  const allowed = gridTolerance * Math.min(...spacingOf(a.affineVoxelToWorld));
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
    a.size.map((size, axis) => ((bits >> axis) & 1) * (size - 1)),
  );
  return corners.every((corner) => {
    const [p, q] = [toWorld(a.affineVoxelToWorld, corner), toWorld(b.affineVoxelToWorld, corner)];
    return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]) <= allowed;
  });
}

/**
 * Refuses volumes of a patient that do not share one grid.
 *
 * @throws UtadError bad-shape naming the first volume that differs and how.
 */
export function requireSameGrid(
  volumes: Readonly<Record<string, Pick<Volume, 'size' | 'affineVoxelToWorld'>>>,
): void {
  const [first, ...others] = Object.entries(volumes);
  for (const [name, volume] of others) {
    if (first && !sameGrid(first[1], volume)) {
      fail('bad-shape', {
        where: name,
        expected: `the grid of ${first[0]} (${describeGrid(first[1])})`,
        got: describeGrid(volume),
        todo: 'Register and resample the volumes of a patient to one grid first.',
      });
    }
  }
}

/** A grid in words: `240×240×155 at 1×1×1 mm, LPS, origin 0 239 0`. */
export function describeGrid(volume: Pick<Volume, 'size' | 'affineVoxelToWorld'>): string {
  requireGrid(volume, 'describeGrid');
  const { size, affineVoxelToWorld: affine } = volume;
  const show = (value: number | undefined): string => String(Number((value ?? 0).toFixed(3)) + 0);
  const origin = [affine[3], affine[7], affine[11]].map(show).join(' ');
  return `${size.join('×')} at ${spacingOf(affine).map(show).join('×')} mm, ${axisCodes(affine)}, origin ${origin}`;
}

/** World coordinates (RAS+, mm) of a voxel index, whole or not. */
export function toWorld(affine: Affine, voxel: readonly number[]): Triple {
  const row = (r: number): number =>
    affine[4 * r]! * voxel[0]! +
    affine[4 * r + 1]! * voxel[1]! +
    affine[4 * r + 2]! * voxel[2]! +
    affine[4 * r + 3]!;
  return [row(0), row(1), row(2)];
}

/** The largest angle between a voxel axis and the world axis that it follows, in degrees. */
export function obliquenessOf(affine: Affine): number {
  const { worldAxis } = closestAxes(affine);
  const spacing = spacingOf(affine);
  const cosines = ([0, 1, 2] as const).map((axis) =>
    Math.abs(affine[4 * worldAxis[axis] + axis]! / spacing[axis]),
  );
  return (Math.acos(Math.min(1, ...cosines)) * 180) / Math.PI;
}
