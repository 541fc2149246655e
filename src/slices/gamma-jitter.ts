import { darkestBrain } from '../imaging/prepare.js';
import type { StoredSlice } from './slice-store.js';

/**
 * x = 2v − 1 becomes 2·min(1, gain·v^gamma) − 1 in the brain, which stays above the background; that stays −1.
 *
 * @param slice [S,S], image in [−1, 1], brain 1 or 0
 */
export function gammaJitter(
  { image, brain }: Pick<StoredSlice, 'image' | 'brain'>,
  gamma: number,
  gain: number,
): Float32Array {
  return image.map((value, i) =>
    brain[i] === 0
      ? value
      : Math.max(darkestBrain, 2 * Math.min(1, gain * Math.max(0, (value + 1) / 2) ** gamma) - 1),
  );
}
