import { fail } from '../base/errors.js';

/** The grid of a 3-D mask [K, rows, columns]: its axes stand at right angles, columns run fastest. */
export interface MaskGrid {
  readonly slices: number;
  readonly rows: number;
  readonly columns: number;
  /** Distances between neighbouring slices, rows and columns, millimetres. */
  readonly spacingMm: { readonly slices: number; readonly rows: number; readonly columns: number };
}

/**
 * Refuses masks that their grid does not fit, and grids without size or spacing.
 *
 * @param masks each [K, rows, columns], not 0 inside
 * @throws UtadError bad-shape or bad-argument.
 */
export function requireMasks(where: string, grid: MaskGrid, ...masks: readonly Uint8Array[]): void {
  const { slices, rows, columns, spacingMm } = grid;
  const shown = `${slices}×${rows}×${columns}`;
  if (![slices, rows, columns].every((size) => Number.isInteger(size) && size > 0)) {
    fail('bad-shape', { where, expected: 'a grid of at least 1×1×1 voxels', got: shown });
  }
  const spacing = [spacingMm.slices, spacingMm.rows, spacingMm.columns];
  if (!spacing.every((one) => Number.isFinite(one) && one > 0)) {
    fail('bad-argument', { where, expected: 'positive spacings in millimetres', got: spacing.join('×') });
  }
  for (const mask of masks) {
    if (mask.length !== slices * rows * columns) {
      fail('bad-shape', {
        where,
        expected: `masks of ${shown} voxels`,
        got: `${mask.length} voxels`,
        todo: 'Bring both masks to the same grid first.',
      });
    }
  }
}

/** Number of voxels inside a mask. */
export function countInside(mask: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) count++;
  return count;
}
