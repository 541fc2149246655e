import { sortedQuantile } from '../base/sorted-quantile.js';
import { distanceToMask } from './distance-transform.js';
import { type MaskGrid, requireMasks } from './mask-grid.js';

/**
 * Hausdorff distance of two masks' surfaces at the 95th percentile (HD95), millimetres; 0 for equal masks, at most the
 * grid's diagonal:
 * `max(P95 of the distances first → second, P95 of second → first)`, as BraTS counts; MedPy's `hd95` pools both instead.
 *
 * A surface is the centres of a mask's voxels with a face towards a voxel outside or the grid's edge. Percentiles lie
 * on the line between neighbouring values (numpy's `linear`). Programs that weigh pieces of a surface by their area, as
 * the package `surface-distance` of BraTS 2023 does, differ somewhat.
 *
 * Both empty: 0. One empty: the grid's diagonal, 373.13 mm for the 155×240×240 voxels of 1 mm that BraTS has.
 *
 * @param first [K, rows, columns], not 0 inside
 * @param second same shape
 * @throws UtadError bad-shape or bad-argument.
 * @source Menze et al. 2015, section III-C; MedPy's surfaces.
 */
export function hausdorff95Mm(first: Uint8Array, second: Uint8Array, grid: MaskGrid): number {
  requireMasks('Hausdorff distance', grid, first, second);
  const box = boxAround(first, second, grid);
  if (!box) return 0;
  // Beyond both masks there is no surface to measure from.
  const [a, b] = [cut(first, grid, box), cut(second, grid, box)];
  const inner = { ...box.size, spacingMm: grid.spacingMm };
  const [surfaceA, surfaceB] = [surface(a, inner), surface(b, inner)];
  const fromA = distancesAt(surfaceA, distanceToMask(surfaceB, inner));
  const fromB = distancesAt(surfaceB, distanceToMask(surfaceA, inner));
  if (fromA.length === 0 || fromB.length === 0) return diagonalMm(grid);
  return Math.max(sortedQuantile(fromA, 0.95), sortedQuantile(fromB, 0.95));
}

interface Box {
  readonly start: { readonly slice: number; readonly row: number; readonly column: number };
  readonly size: { readonly slices: number; readonly rows: number; readonly columns: number };
}

/** The least box that holds both masks; undefined when both are empty. */
function boxAround(first: Uint8Array, second: Uint8Array, grid: MaskGrid): Box | undefined {
  const { slices, rows, columns } = grid;
  const low = [slices, rows, columns] as [number, number, number];
  const high = [-1, -1, -1] as [number, number, number];
  for (let slice = 0, i = 0; slice < slices; slice++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, i++) {
        if (first[i] === 0 && second[i] === 0) continue;
        if (slice < low[0]) low[0] = slice;
        if (row < low[1]) low[1] = row;
        if (column < low[2]) low[2] = column;
        if (slice > high[0]) high[0] = slice;
        if (row > high[1]) high[1] = row;
        if (column > high[2]) high[2] = column;
      }
    }
  }
  if (high[0] < 0) return undefined;
  return {
    start: { slice: low[0], row: low[1], column: low[2] },
    size: { slices: high[0] - low[0] + 1, rows: high[1] - low[1] + 1, columns: high[2] - low[2] + 1 },
  };
}

function cut(mask: Uint8Array, grid: MaskGrid, { start, size }: Box): Uint8Array {
  const out = new Uint8Array(size.slices * size.rows * size.columns);
  for (let slice = 0, to = 0; slice < size.slices; slice++) {
    for (let row = 0; row < size.rows; row++, to += size.columns) {
      const line = (slice + start.slice) * grid.rows + row + start.row;
      const from = line * grid.columns + start.column;
      out.set(mask.subarray(from, from + size.columns), to);
    }
  }
  return out;
}

/** The voxels inside of which one of six neighbours is outside or missing. */
function surface(mask: Uint8Array, { slices, rows, columns }: MaskGrid): Uint8Array {
  const out = new Uint8Array(mask.length);
  const area = rows * columns;
  for (let slice = 0, i = 0; slice < slices; slice++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, i++) {
        if (mask[i] === 0) continue;
        const within =
          column > 0 &&
          column < columns - 1 &&
          row > 0 &&
          row < rows - 1 &&
          slice > 0 &&
          slice < slices - 1 &&
          mask[i - 1] !== 0 &&
          mask[i + 1] !== 0 &&
          mask[i - columns] !== 0 &&
          mask[i + columns] !== 0 &&
          mask[i - area] !== 0 &&
          mask[i + area] !== 0;
        if (!within) out[i] = 1;
      }
    }
  }
  return out;
}

function distancesAt(points: Uint8Array, distances: Float64Array): Float64Array {
  return distances.filter((_, i) => points[i] !== 0).sort();
}

function diagonalMm({ slices, rows, columns, spacingMm }: MaskGrid): number {
  return Math.hypot(slices * spacingMm.slices, rows * spacingMm.rows, columns * spacingMm.columns);
}
