import { spacingOf } from '../imaging/geometry.js';
import type { Volume } from '../imaging/volume.js';
import { dice } from '../metrics/dice.js';
import { hausdorff95Mm } from '../metrics/hausdorff-distance.js';
import type { MaskGrid } from '../metrics/mask-grid.js';
import { maskVolumeMl } from '../metrics/mask-volume.js';

/** How near a region that was found is to the true one. */
export interface RegionFigures {
  readonly dice: number;
  /** The grid's diagonal where one of both is empty, 0 where both are. */
  readonly hausdorff95Mm: number;
  readonly foundMl: number;
  readonly trueMl: number;
}

/** A volume's voxels as a grid of masks: k are slices, j rows, i columns. */
export function maskGridOf({
  size,
  affineVoxelToWorld,
}: Pick<Volume, 'size' | 'affineVoxelToWorld'>): MaskGrid {
  const [columnMm, rowMm, sliceMm] = spacingOf(affineVoxelToWorld);
  return {
    slices: size[2],
    rows: size[1],
    columns: size[0],
    spacingMm: { slices: sliceMm, rows: rowMm, columns: columnMm },
  };
}

/** Compares a region with the truth; both [K, rows, columns], 1 inside. @throws UtadError bad-shape. */
export function regionFigures(found: Uint8Array, truth: Uint8Array, grid: MaskGrid): RegionFigures {
  return {
    dice: dice(found, truth),
    hausdorff95Mm: hausdorff95Mm(found, truth, grid),
    foundMl: maskVolumeMl(found, grid),
    trueMl: maskVolumeMl(truth, grid),
  };
}

/** 1 where a probability is one half or more. */
export function insideOf(probability: Float32Array): Uint8Array {
  return Uint8Array.from(probability, (p) => (p >= 0.5 ? 1 : 0));
}
