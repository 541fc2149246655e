import type { Triple } from '../../src/imaging/volume.js';
import type { ContentBox } from './content.js';
import { type Plane, planeAxes, type ShownGrid } from './plane.js';

/** How a plane lies on a canvas: `canvas = origin + scale · (voxel + ½)`, in the plane's own columns and rows. */
export interface Fit {
  readonly originX: number;
  readonly originY: number;
  readonly scaleX: number;
  readonly scaleY: number;
}

/** What the person chose: magnification, and by how much the middle was moved, millimetres of the axial order. */
export interface Zoom {
  readonly factor: number;
  readonly moveMm: Triple;
}

/** Share of the canvas that stays free around the head. */
const margin = 0.12;

/** Lays the head in the middle of a canvas, as large as it fits. */
export function fitPlane(
  plane: Plane,
  { size, spacingMm }: ShownGrid,
  box: ContentBox,
  zoom: Zoom,
  width: number,
  height: number,
): Fit {
  const { x, y, flipped } = planeAxes[plane];
  const extent = (axis: 0 | 1 | 2): number => (box.last[axis] - box.first[axis] + 1) * spacingMm[axis];
  const perMm =
    Math.min((width * (1 - margin)) / extent(x), (height * (1 - margin)) / extent(y)) * zoom.factor;
  const middle = (axis: 0 | 1 | 2): number =>
    (box.first[axis] + box.last[axis] + 1) / 2 - zoom.moveMm[axis] / spacingMm[axis];
  const [scaleX, scaleY] = [perMm * spacingMm[x], perMm * spacingMm[y]];
  const middleY = flipped ? size[y] - middle(y) : middle(y);
  return {
    originX: width / 2 - middle(x) * scaleX,
    originY: height / 2 - middleY * scaleY,
    scaleX,
    scaleY,
  };
}

/** The voxel under a point of the canvas, held inside the volume; along the depth it stays. */
export function voxelUnder(
  plane: Plane,
  { size }: ShownGrid,
  { originX, originY, scaleX, scaleY }: Fit,
  [px, py]: readonly [number, number],
  voxel: Triple,
): Triple {
  const { x, y, flipped } = planeAxes[plane];
  const clamp = (value: number, count: number): number => Math.min(count - 1, Math.max(0, value));
  const column = clamp(Math.floor((px - originX) / scaleX), size[x]);
  const row = clamp(Math.floor((py - originY) / scaleY), size[y]);
  const out: [number, number, number] = [...voxel];
  out[x] = column;
  out[y] = flipped ? size[y] - 1 - row : row;
  return out;
}

/** Where a voxel's centre lies on the canvas. */
export function pointOf(
  plane: Plane,
  { size }: ShownGrid,
  { originX, originY, scaleX, scaleY }: Fit,
  voxel: Triple,
): readonly [number, number] {
  const { x, y, flipped } = planeAxes[plane];
  const row = flipped ? size[y] - 1 - voxel[y] : voxel[y];
  return [originX + scaleX * (voxel[x] + 0.5), originY + scaleY * (row + 0.5)];
}
