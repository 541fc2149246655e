import { spacingOf } from '../../src/imaging/geometry.js';
import { type AxialOrder, axialOrderOf } from '../../src/imaging/orientation.js';
import type { Grid } from '../../src/imaging/regrid.js';
import type { Triple } from '../../src/imaging/volume.js';

/** A direction in which a head is cut. */
export type Plane = 'axial' | 'coronal' | 'sagittal';
export const planes: readonly Plane[] = ['axial', 'coronal', 'sagittal'];

type Axis = 0 | 1 | 2;

/** How a plane lies in the axial order: 0 columns (to the left), 1 rows (to the back), 2 slices (upwards). */
interface PlaneAxes {
  readonly x: Axis;
  readonly y: Axis;
  /** Whether the screen's y runs against the axis: the top of the head is up. */
  readonly flipped: boolean;
  readonly depth: Axis;
  /** What lies at the left, right, upper and lower edge: the patient is seen from the feet, from the front, from the left. */
  readonly letters: readonly [left: string, right: string, top: string, bottom: string];
}

/** Radiological convention: the patient's right is on the screen's left. */
export const planeAxes: Readonly<Record<Plane, PlaneAxes>> = {
  axial: { x: 0, y: 1, flipped: false, depth: 2, letters: ['R', 'L', 'A', 'P'] },
  coronal: { x: 0, y: 2, flipped: true, depth: 1, letters: ['R', 'L', 'S', 'I'] },
  sagittal: { x: 1, y: 2, flipped: true, depth: 0, letters: ['A', 'P', 'S', 'I'] },
};

/** A grid as it is shown: sizes and spacings in the axial order, and where its voxels lie in the array. */
export interface ShownGrid {
  readonly grid: Grid;
  readonly size: Triple;
  readonly spacingMm: Triple;
  /** Place in the array of the first voxel of the axial order. */
  readonly start: number;
  /** Steps in the array along columns, rows and slices. */
  readonly step: Triple;
  readonly order: AxialOrder;
}

/** Looks at a grid in the axial order without moving a voxel. */
export function showGrid(grid: Grid): ShownGrid {
  const { size: sourceSize, affineVoxelToWorld } = grid;
  const order = axialOrderOf(sourceSize, affineVoxelToWorld);
  const { size, sourceAxis, mirrored } = order;
  const strides = [1, sourceSize[0], sourceSize[0] * sourceSize[1]];
  const spacing = spacingOf(affineVoxelToWorld);
  const along = <T>(value: (axis: Axis) => T): [T, T, T] => [value(0), value(1), value(2)];
  const step = along((axis) => strides[sourceAxis[axis]]! * (mirrored[axis] ? -1 : 1));
  const start = step.reduce((sum, one, axis) => sum + (one < 0 ? -one * (size[axis]! - 1) : 0), 0);
  return { grid, size, spacingMm: along((axis) => spacing[sourceAxis[axis]]!), start, step, order };
}

/** Copies one plane out of a volume: rows from the top of the screen, values from left to right. */
export function cutPlane(
  data: Float32Array,
  { size, start, step }: ShownGrid,
  plane: Plane,
  index: number,
  out: Float32Array,
): void {
  const { x, y, flipped, depth } = planeAxes[plane];
  const [width, height] = [size[x], size[y]];
  let at = 0;
  for (let row = 0; row < height; row++) {
    let from = start + index * step[depth] + (flipped ? height - 1 - row : row) * step[y];
    for (let column = 0; column < width; column++) {
      out[at++] = data[from]!;
      from += step[x];
    }
  }
}

/** Place of a voxel of the axial order in the array. */
export function placeOf({ start, step }: ShownGrid, [c, r, k]: Triple): number {
  return start + c * step[0] + r * step[1] + k * step[2];
}

/** A voxel of the axial order as an index into the grid's own axes. */
export function gridVoxel({ order }: ShownGrid, voxel: Triple): Triple {
  const out: [number, number, number] = [0, 0, 0];
  for (const axis of [0, 1, 2] as const) {
    const source = order.sourceAxis[axis] as Axis;
    out[source] = order.mirrored[axis] ? order.size[axis] - 1 - voxel[axis] : voxel[axis];
  }
  return out;
}
