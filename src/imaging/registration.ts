import { describeGrid, sameGrid } from './geometry.js';
import type { Volume } from './volume.js';

/** A volume's grid and what is brain in it, where that is known. */
export interface HeadOnGrid extends Pick<Volume, 'size' | 'affineVoxelToWorld'> {
  readonly brain?: Uint8Array;
}

/**
 * Dice overlap below which two brains do not lie on each other. Measured on 30 real patients at 2 mm: 29 reach 0.95
 * between all their modalities; one, whose FLAIR is cut off, 0.80. A shift by 6 mm to the side leaves 0.93, by 10 mm
 * 0.88, a turn by 10° 0.93, by 15° 0.90.
 */
const leastOverlap = 0.93;

/** Says why two volumes of a patient do not seem to show the same head in the same place, or nothing. */
export function whyNotRegistered(a: HeadOnGrid, b: HeadOnGrid): string | undefined {
  if (!sameGrid(a, b)) return `the grids differ: ${describeGrid(a)} and ${describeGrid(b)}`;
  if (a.brain === undefined || b.brain === undefined) return undefined;
  const dice = overlap(a.brain, b.brain);
  if (dice >= leastOverlap) return undefined;
  return `the brains overlap by ${dice.toFixed(2)} (Dice) only, so one was moved or is cut off`;
}

/** Dice overlap of two masks of one grid. */
export function overlap(a: Uint8Array, b: Uint8Array): number {
  let [both, all] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    all += a[i]! + b[i]!;
    both += a[i]! & b[i]!;
  }
  return all === 0 ? 1 : (2 * both) / all;
}
