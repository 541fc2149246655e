import type { SulcusSet } from './cortical-folds.js';
import type { Sampler } from './grid.js';

/**
 * Distance to the nearest sulcus at the sampler's present point, millimetres: sideways |value| / slope, and below the
 * sheet's lower edge the distance to that edge.
 *
 * @param depth depth of the point below the envelope, millimetres
 */
export function sheetDistance(sampler: Sampler, set: SulcusSet, depth: number): number {
  const reach = sampler.read(set.reach);
  if (reach < 0.5) return Infinity;
  const sideways = Math.abs(sampler.read(set.value)) / Math.max(sampler.read(set.slope), 0.02);
  const below = Math.max(0, depth - reach);
  return Math.sqrt(sideways * sideways + below * below);
}

/**
 * Distance to the nearest fissure between leaves of the cerebellum, millimetres. The fissures fan out from the fourth
 * ventricle, as seen from the side; every fifth is deep.
 */
export function cerebellarSheetDistance(
  x: number,
  y: number,
  z: number,
  depth: number,
  unevenness: number,
): number {
  const [back, up] = [-46 - y + 0.006 * x * x, z + 32];
  const radius = Math.max(6, Math.sqrt(back * back + up * up));
  const leavesPerTurn = 54;
  const turn = (Math.atan2(up, back) / (2 * Math.PI)) * leavesPerTurn + 0.8 * unevenness + 0.02 * Math.abs(x);
  const nearest = Math.round(turn);
  const pitch = (2 * Math.PI * radius) / leavesPerTurn;
  const sideways = Math.abs(turn - nearest) * pitch;
  const reach = nearest % 5 === 0 ? 14 : nearest % 5 === 2 ? 8 : 4;
  const below = Math.max(0, depth - reach);
  return Math.sqrt(sideways * sideways + below * below);
}
