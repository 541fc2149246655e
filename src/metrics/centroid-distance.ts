import { fail } from '../base/errors.js';
import { type MaskGrid, requireMasks } from './mask-grid.js';

/**
 * Distance between the centres of gravity of two masks, millimetres; 0 for the same centre, whatever the shapes.
 *
 * An empty mask has no centre: it is refused, and no figure is made up for it.
 *
 * @param first [K, rows, columns], not 0 inside
 * @param second same shape
 * @throws UtadError bad-shape, bad-argument, or bad-value when a mask is empty.
 */
export function centroidDistanceMm(first: Uint8Array, second: Uint8Array, grid: MaskGrid): number {
  requireMasks('centroid distance', grid, first, second);
  const [a, b] = [centroid(first, grid), centroid(second, grid)];
  const { spacingMm } = grid;
  return Math.hypot(
    (a.slice - b.slice) * spacingMm.slices,
    (a.row - b.row) * spacingMm.rows,
    (a.column - b.column) * spacingMm.columns,
  );
}

/** Mean position of the voxels inside, counted from 0. */
function centroid(mask: Uint8Array, { rows, columns }: MaskGrid) {
  let count = 0;
  let slice = 0;
  let row = 0;
  let column = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    count++;
    slice += Math.floor(i / (rows * columns));
    row += Math.floor(i / columns) % rows;
    column += i % columns;
  }
  if (count === 0) {
    fail('bad-value', {
      where: 'centroid distance',
      expected: 'two masks with a voxel inside',
      got: 'an empty mask',
      todo: 'Leave this patient out of this measure, and say how many were left out.',
    });
  }
  return { slice: slice / count, row: row / count, column: column / count };
}
