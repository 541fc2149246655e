import { prepareMask } from '../imaging/prepare.js';
import type { PreparationRecord } from '../imaging/record.js';
import type { Target } from './read-target.node.js';

/**
 * The mask of a case's slices: bit i is 1 in the i-th region. Without regions bit 0 is the labels' target.
 *
 * @param record that of an image on the mask's grid
 * @returns [K, S, S]
 * @throws UtadError bad-value when the labels do not tell a region, bad-shape when the grids differ.
 */
export function regionMask(
  { volume, isTarget, isIn, where }: Target,
  regions: readonly string[] | undefined,
  record: PreparationRecord,
): Uint8Array {
  const rules = regions?.map(isIn) ?? [isTarget];
  const masks = rules.map((rule) => prepareMask(volume, rule, record, where));
  const bits = masks[0]!;
  masks.slice(1).forEach((mask, i) => {
    for (let p = 0; p < bits.length; p++) bits[p]! |= mask[p]! << (i + 1);
  });
  return bits;
}

/** One region out of masks of several, 0 and 1. */
export function regionOf(mask: Uint8Array, index: number): Uint8Array {
  return mask.map((bits) => (bits >> index) & 1);
}
