import { sameGrid } from './geometry.js';
import { invert, multiply } from './regrid.js';
import type { Affine, Triple, Volume } from './volume.js';

type Grid = Pick<Volume, 'size' | 'affineVoxelToWorld'>;

/** A step along an axis of the wanted grid is one along an axis of the other, forwards or backwards. */
const rounding = 0.01;

/** Whether two grids have the same voxels at the same places, with their axes exchanged or mirrored at most. */
export function sameVoxels(from: Grid, to: Grid): boolean {
  return sameGrid(from, to) || movesBetween(from, to) !== undefined;
}

/**
 * Values on another grid with the same voxels in another order: axes exchanged or mirrored. Voxels are moved, never mixed.
 *
 * @param data values on `from`, i running fastest
 * @returns values on `to`; undefined where the voxels of the grids are not the same
 */
export function reorient<T extends Float32Array | Uint8Array>(data: T, from: Grid, to: Grid): T | undefined {
  if (sameGrid(from, to)) return data;
  const moves = movesBetween(from, to);
  if (!moves) return undefined;
  const strides = [1, from.size[0], from.size[0] * from.size[1]];
  const steps = moves.map(({ axis, sign }) => sign * strides[axis]!) as [number, number, number];
  const [ni, nj, nk] = to.size;
  let start = 0;
  moves.forEach(({ axis, sign }) => {
    if (sign < 0) start += strides[axis]! * (from.size[axis]! - 1);
  });
  const out = data.slice() as T;
  let at = 0;
  for (let k = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++) out[at++] = data[start + i * steps[0] + j * steps[1] + k * steps[2]]!;
  return out;
}

/** A volume on another grid with the same voxels; undefined where they are not the same. */
export function reorientVolume(volume: Volume, grid: Grid): Volume | undefined {
  if (sameGrid(volume, grid)) return volume;
  const data = reorient(volume.data, volume, grid);
  const { size, affineVoxelToWorld } = grid;
  return data && { ...volume, data, size, affineVoxelToWorld };
}

interface Move {
  readonly axis: 0 | 1 | 2;
  readonly sign: 1 | -1;
}

/** For each axis of `to` the axis of `from` that it runs along; undefined where the grids do not hold the same voxels. */
function movesBetween(from: Grid, to: Grid): readonly Move[] | undefined {
  const step = multiply(invert(from.affineVoxelToWorld), to.affineVoxelToWorld);
  const moves: Move[] = [];
  for (const column of [0, 1, 2] as const) {
    const parts = ([0, 1, 2] as const).map((row) => step[4 * row + column]!);
    const axis = ([0, 1, 2] as const).find((row) => Math.abs(Math.abs(parts[row]!) - 1) < rounding);
    const alone = parts.every((part, row) => row === axis || Math.abs(part) < rounding);
    if (axis === undefined || !alone || moves.some((move) => move.axis === axis)) return undefined;
    moves.push({ axis, sign: parts[axis]! < 0 ? -1 : 1 });
  }
  return sameGrid(movedGrid(from, moves), to) ? moves : undefined;
}

function movedGrid({ size, affineVoxelToWorld }: Grid, moves: readonly Move[]): Grid {
  const order = new Array<number>(16).fill(0);
  order[15] = 1;
  moves.forEach(({ axis, sign }, column) => {
    order[4 * axis + column] = sign;
    if (sign < 0) order[4 * axis + 3] = size[axis]! - 1;
  });
  const [i, j, k] = moves.map(({ axis }) => size[axis]!) as [number, number, number];
  return {
    size: [i, j, k] satisfies Triple,
    affineVoxelToWorld: multiply(affineVoxelToWorld, order) satisfies Affine,
  };
}
