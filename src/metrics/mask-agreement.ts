import { centroidDistanceMm } from './centroid-distance.js';
import { dice } from './dice.js';
import { hausdorff95Mm } from './hausdorff-distance.js';
import type { MaskGrid } from './mask-grid.js';
import { maskVolumeMl, volumeDifferenceMl } from './mask-volume.js';

/** How far two masks agree in overlap, volume and position. */
interface MaskOverlap {
  readonly dice: number;
  /** Of the first mask. */
  readonly volumeMl: number;
  /** First less second mask. */
  readonly volumeDifferenceMl: number;
  /** Distance of the centres of gravity; null where a mask is empty. */
  readonly centroidDistanceMm: number | null;
}

/** {@link MaskOverlap}, and the distance of their surfaces. */
export interface MaskAgreement extends MaskOverlap {
  readonly hausdorff95Mm: number;
}

/**
 * How far two masks agree, without their surfaces, which take longest.
 *
 * @param first [K, rows, columns], 1 inside
 * @param second same shape
 * @throws UtadError bad-shape.
 */
export function maskOverlap(first: Uint8Array, second: Uint8Array, grid: MaskGrid): MaskOverlap {
  const isEmpty = !(first.includes(1) && second.includes(1));
  return {
    dice: dice(first, second),
    volumeMl: maskVolumeMl(first, grid),
    volumeDifferenceMl: volumeDifferenceMl(first, second, grid),
    centroidDistanceMm: isEmpty ? null : centroidDistanceMm(first, second, grid),
  };
}

/**
 * How far two masks agree: overlap, surfaces, volume and position.
 *
 * @param first [K, rows, columns], 1 inside
 * @param second same shape
 * @throws UtadError bad-shape.
 */
export function maskAgreement(first: Uint8Array, second: Uint8Array, grid: MaskGrid): MaskAgreement {
  const { dice: overlap, ...rest } = maskOverlap(first, second, grid);
  return { dice: overlap, hausdorff95Mm: hausdorff95Mm(first, second, grid), ...rest };
}
