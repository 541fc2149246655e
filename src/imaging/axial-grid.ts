import { spacingOf } from './geometry.js';
import type { PreparationRecord } from './record.js';
import type { SliceGrid } from './slice-grid.js';

/** The grid of a prepared volume before it was resampled: its own voxels in axial order. */
export function axialGridOf({ steps: [{ order, affineVoxelToWorld }] }: PreparationRecord): SliceGrid {
  const spacing = spacingOf(affineVoxelToWorld);
  const along = (axis: 0 | 1 | 2): number => spacing[order.sourceAxis[axis]]!;
  const [columns, rows, slices] = order.size;
  return {
    slices,
    rows,
    columns,
    spacingMm: { slices: along(2), rows: along(1), columns: along(0) },
  };
}
