import { fail } from '../base/errors.js';
import { distanceToMask } from './distance-transform.js';
import { countInside, type MaskGrid, requireMasks } from './mask-grid.js';

/** Where a translated volume is evaluated; masks [K, rows, columns], 1 inside. Any may be empty but the brain. */
interface EvaluationRegions {
  /** The whole brain, tumour and all. */
  readonly brain: Uint8Array;
  /** The tumour as far as it lies in the brain. */
  readonly tumour: Uint8Array;
  /** Brain outside the tumour, at most the ring's width away from its nearest voxel. */
  readonly ring: Uint8Array;
}

/**
 * Divides a volume into whole brain, tumour, and a ring of brain around the tumour.
 *
 * A voxel is in the ring when its centre is no further than the width from the centre of a tumour voxel. Tumour
 * outside the brain counts for distances but is in no region: nothing is measured where images are background.
 * Without a tumour, tumour and ring are empty.
 *
 * @param brain [K, rows, columns], not 0 inside
 * @param tumour same shape
 * @param ringWidthMm above 0, millimetres; a width below the spacing may find no voxel
 * @throws UtadError bad-shape, bad-argument, or bad-value for an empty brain.
 */
export function evaluationRegions(
  brain: Uint8Array,
  tumour: Uint8Array,
  grid: MaskGrid,
  ringWidthMm: number,
): EvaluationRegions {
  const where = 'evaluation regions';
  requireMasks(where, grid, brain, tumour);
  if (!(Number.isFinite(ringWidthMm) && ringWidthMm > 0)) {
    fail('bad-argument', { where, expected: 'a width in millimetres above 0', got: String(ringWidthMm) });
  }
  if (countInside(brain) === 0) {
    fail('bad-value', { where, expected: 'a brain with a voxel inside', got: 'an empty mask' });
  }
  const distances = distanceToMask(tumour, grid);
  const inBrain = (wanted: (i: number) => boolean) =>
    brain.map((value, i) => (value !== 0 && wanted(i) ? 1 : 0));
  // Distances of whole steps must not fall out of the ring by their last digit (3 · 0.7 > 2.1).
  const reach = ringWidthMm * (1 + 1e-9);
  return {
    brain: inBrain(() => true),
    tumour: inBrain((i) => tumour[i] !== 0),
    ring: inBrain((i) => tumour[i] === 0 && distances[i]! <= reach),
  };
}
