import { fail } from '../base/errors.js';
import { fillFromNeighbours } from './fill.js';
import { denormalise, type ValueRange } from './normalise.js';
import { fromAxial } from './orientation.js';
import type { PreparationRecord } from './record.js';
import { halfCovered } from './resample.js';
import { fromSlices, toSlices } from './resample-step.js';
import type { Volume } from './volume.js';

/** Below this a voxel has no slice pixel near it that belongs to the brain: rounding is all there is to divide. */
const leastCover = 1e-6;

/**
 * Turns slices back into a volume on the source's own grid: the steps of the record backwards.
 *
 * @param slices [K, S, S] in [−1, 1]
 * @param valueRange the intensities that 0 and 1 stand for
 * @param background what the volume holds outside the source's brain; the source's own background if left out
 * @returns a volume with the source's size, affine and origin
 * @throws UtadError bad-shape when the number of slices or their side is not the record's.
 */
export function restoreVolume(
  slices: Float32Array,
  record: PreparationRecord,
  valueRange: ValueRange,
  background?: number,
): Volume {
  const [orient, scale, resample] = record.steps;
  const count = resample.slices.slice.count;
  const side = record.recipe.sliceSide;
  if (slices.length !== count * side * side) {
    fail('bad-shape', {
      where: 'slices to restore',
      expected: `${count}×${side}×${side} values`,
      got: `${slices.length}`,
    });
  }
  // Pixels at the brain's edge were averaged with the background's 0: their value is a sum over the covered
  // part only, so dividing the interpolated values by the interpolated cover gives back the brain's own.
  const cover = toSlices(scale.brain, resample);
  const unit = new Float32Array(slices.length);
  for (let i = 0; i < unit.length; i++) {
    if (cover[i]! < halfCovered) cover[i] = 0;
    else unit[i] = Math.min(1, Math.max(0, (slices[i]! + 1) / 2));
  }
  const native = fromSlices(unit, resample);
  const known = fromSlices(cover, resample);
  for (let i = 0; i < native.length; i++) {
    if (known[i]! > leastCover) native[i] = Math.min(1, native[i]! / known[i]!);
  }
  const { order, affineVoxelToWorld, origin } = orient;
  fillFromNeighbours(native, scale.brain, (i) => known[i]! > leastCover, order.size);
  return {
    data: fromAxial(denormalise(native, scale.brain, valueRange, background ?? scale.background), order),
    size: order.sourceSize,
    affineVoxelToWorld,
    origin,
  };
}
