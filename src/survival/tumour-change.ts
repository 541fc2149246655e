import { evaluationRegions } from '../metrics/evaluation-regions.js';
import { maskOverlap } from '../metrics/mask-agreement.js';
import type { MaskGrid } from '../metrics/mask-grid.js';
import { maskVolumeMl } from '../metrics/mask-volume.js';

/** What may have become of a tumour in a translation. */
type TumourFlag = 'vanished' | 'shrank' | 'grew' | 'moved' | 'invented';

/**
 * When a tumour counts as changed. Volumes are those that one segmenter finds on the true and on the translated image,
 * so that what it misses on both does not count.
 */
export const tumourThresholds = {
  /** Below this, in millilitres, nothing was found: smaller is what a segmenter sees in noise. */
  leastMl: 1,
  /**
   * What is found must overlap the given mask by this Dice, or the segmenter does not see the tumour there at all and
   * nothing can be said of its translation.
   */
  detectedDice: 0.5,
  /** After less than a tenth of the volume is left, nobody would call it the same finding. */
  vanishedShare: 0.1,
  /** Half the volume is a fifth less in diameter, more than two readers differ by. */
  shrankShare: 0.5,
  /** Twice the volume, likewise. */
  grewShare: 2,
  /**
   * Moved by more than half the radius of a ball of its volume: two such balls overlap by a Dice of 0.63 only.
   */
  movedRadii: 0.5,
} as const;

/** A tumour found on a true image and on its translation. */
export interface TumourChange {
  readonly beforeMl: number;
  readonly afterMl: number;
  /** Overlap of both. */
  readonly dice: number;
  /** Distance of the centres of gravity, millimetres; null where one is empty. */
  readonly centroidShiftMm: number | null;
  /** Empty where the tumour is what it was, or was not found to begin with. */
  readonly flags: readonly TumourFlag[];
  /** Whether there was a tumour to compare with. */
  readonly wasDetected: boolean;
}

/**
 * Compares what a segmenter finds before and after, and flags what changed.
 *
 * @param before [K, rows, columns], 1 in the tumour found on the true image
 * @param after same shape, found on the translated image
 * @throws UtadError bad-shape.
 */
export function tumourChange(before: Uint8Array, after: Uint8Array, grid: MaskGrid): TumourChange {
  const { dice, volumeMl: beforeMl, centroidDistanceMm: centroidShiftMm } = maskOverlap(before, after, grid);
  const afterMl = maskVolumeMl(after, grid);
  const wasDetected = beforeMl >= tumourThresholds.leastMl;
  const flags = wasDetected
    ? changes(beforeMl, afterMl, centroidShiftMm)
    : afterMl >= tumourThresholds.leastMl
      ? (['invented'] as const)
      : [];
  return { beforeMl, afterMl, dice, centroidShiftMm, flags, wasDetected };
}

function changes(beforeMl: number, afterMl: number, shiftMm: number | null): readonly TumourFlag[] {
  const { vanishedShare, shrankShare, grewShare, movedRadii } = tumourThresholds;
  const share = afterMl / beforeMl;
  if (share < vanishedShare) return ['vanished'];
  const size: TumourFlag[] = share < shrankShare ? ['shrank'] : share > grewShare ? ['grew'] : [];
  // 1 ml = 1000 mm³
  const radiusMm = Math.cbrt((3 * 1000 * beforeMl) / (4 * Math.PI));
  return shiftMm !== null && shiftMm > movedRadii * radiusMm ? [...size, 'moved'] : size;
}

/** How far from the tumour its surroundings reach, millimetres. */
export const ringWidthMm = 10;

/**
 * Contrast of a tumour: mean of the image in it less the mean in a ring of brain around it.
 *
 * @param image [K, rows, columns] on [0, 1]
 * @param tumour same shape, 1 inside
 * @param brain same shape
 * @returns −1 to 1; null where tumour or ring is empty
 */
export function tumourContrast(
  image: Float32Array,
  tumour: Uint8Array,
  brain: Uint8Array,
  grid: MaskGrid,
): number | null {
  const regions = evaluationRegions(brain, tumour, grid, ringWidthMm);
  const [inside, around] = [meanIn(image, regions.tumour), meanIn(image, regions.ring)];
  return inside === null || around === null ? null : inside - around;
}

function meanIn(image: Float32Array, mask: Uint8Array): number | null {
  let [sum, count] = [0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    sum += image[i]!;
    count++;
  }
  return count === 0 ? null : sum / count;
}

/** A change in words: `tumour of 41.2 ml became 3.1 ml (shrank, moved by 14 mm)`. */
export function describeChange({ beforeMl, afterMl, centroidShiftMm, flags }: TumourChange): string {
  const words = flags.map((flag) =>
    flag === 'moved' && centroidShiftMm !== null ? `moved by ${centroidShiftMm.toFixed(0)} mm` : flag,
  );
  const what = `tumour of ${beforeMl.toFixed(1)} ml became ${afterMl.toFixed(1)} ml`;
  return words.length === 0 ? what : `${what} (${words.join(', ')})`;
}
