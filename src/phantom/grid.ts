import type { Triple } from '../imaging/volume.js';

/**
 * A cubic grid in head coordinates (millimetres: x to the patient's left, y to the front, z to the top; origin near
 * the anterior commissure). Index i rises to the left, j to the BACK, k to the top, i fastest in memory, as BraTS files
 * have it.
 */
export interface Grid {
  /** Number of points along i, j, k. */
  readonly size: Triple;
  /** Distance of neighbours, millimetres. */
  readonly spacingMm: number;
  /** Head coordinates of point (0, 0, 0). */
  readonly originMm: Triple;
}

/** Number of points of a grid. */
export function pointsOf(grid: Pick<Grid, 'size'>): number {
  return grid.size[0] * grid.size[1] * grid.size[2];
}

/** The grid over a box of head coordinates, its points symmetric about the middle plane x = 0. */
export function coveringGrid(
  spacingMm: number,
  halfWidthMm: number,
  front: number,
  back: number,
  bottom: number,
  top: number,
): Grid {
  const half = Math.ceil(halfWidthMm / spacingMm);
  return {
    size: [
      2 * half + 1,
      Math.ceil((front - back) / spacingMm) + 1,
      Math.ceil((top - bottom) / spacingMm) + 1,
    ],
    spacingMm,
    originMm: [-half * spacingMm, front, bottom],
  };
}

/** The box that holds every head: canonical anatomy is drawn in it. */
export function canonicalGrid(spacingMm: number): Grid {
  return coveringGrid(spacingMm, 82, 82, -114, -76, 86);
}

/** Fills a field by a function of head coordinates. */
export function fillField(grid: Grid, value: (x: number, y: number, z: number) => number): Float32Array {
  const [ni, nj, nk] = grid.size;
  const field = new Float32Array(pointsOf(grid));
  let index = 0;
  for (let k = 0; k < nk; k++) {
    const z = grid.originMm[2] + k * grid.spacingMm;
    for (let j = 0; j < nj; j++) {
      const y = grid.originMm[1] - j * grid.spacingMm;
      for (let i = 0; i < ni; i++) field[index++] = value(grid.originMm[0] + i * grid.spacingMm, y, z);
    }
  }
  return field;
}

/** Reads several fields of one grid between its points (trilinear); outside the grid the border's value holds. */
export class Sampler {
  private readonly ni: number;
  private readonly plane: number;
  private base = 0;
  private fx = 0;
  private fy = 0;
  private fz = 0;

  constructor(private readonly grid: Grid) {
    this.ni = grid.size[0];
    this.plane = grid.size[0] * grid.size[1];
  }

  /** Moves to a point in head coordinates. */
  moveTo(x: number, y: number, z: number): this {
    const { size, originMm, spacingMm } = this.grid;
    const u = Math.min(Math.max((x - originMm[0]) / spacingMm, 0), size[0] - 1.001);
    const v = Math.min(Math.max((originMm[1] - y) / spacingMm, 0), size[1] - 1.001);
    const w = Math.min(Math.max((z - originMm[2]) / spacingMm, 0), size[2] - 1.001);
    const i = Math.floor(u);
    const j = Math.floor(v);
    const k = Math.floor(w);
    this.base = i + this.ni * j + this.plane * k;
    this.fx = u - i;
    this.fy = v - j;
    this.fz = w - k;
    return this;
  }

  /** The field's value at the present point. */
  read(field: Float32Array): number {
    const { base, ni, plane, fx, fy, fz } = this;
    const top = base + plane;
    const a = field[base]! + fx * (field[base + 1]! - field[base]!);
    const b = field[base + ni]! + fx * (field[base + ni + 1]! - field[base + ni]!);
    const c = field[top]! + fx * (field[top + 1]! - field[top]!);
    const d = field[top + ni]! + fx * (field[top + ni + 1]! - field[top + ni]!);
    const low = a + fy * (b - a);
    return low + fz * (c + fy * (d - c) - low);
  }
}
