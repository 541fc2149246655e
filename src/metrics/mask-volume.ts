import { countInside, type MaskGrid, requireMasks } from './mask-grid.js';

/**
 * Volume inside a mask, millilitres: its voxels times one voxel's volume; 0 for an empty mask.
 *
 * @param mask [K, rows, columns], not 0 inside
 * @throws UtadError bad-shape or bad-argument.
 */
export function maskVolumeMl(mask: Uint8Array, grid: MaskGrid): number {
  requireMasks('volume', grid, mask);
  const { spacingMm } = grid;
  return (countInside(mask) * spacingMm.slices * spacingMm.rows * spacingMm.columns) / 1000;
}

/**
 * Volume of an answer less that of the truth, millilitres: above 0 where it is too large, 0 for equal volumes wherever
 * they lie. An empty mask has the volume 0.
 *
 * @param answer [K, rows, columns], not 0 inside
 * @param truth same shape
 * @throws UtadError bad-shape or bad-argument.
 */
export function volumeDifferenceMl(answer: Uint8Array, truth: Uint8Array, grid: MaskGrid): number {
  return maskVolumeMl(answer, grid) - maskVolumeMl(truth, grid);
}
