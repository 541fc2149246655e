import type { Gradient } from './field-gradient.js';
import { fillField, type Grid, Sampler } from './grid.js';

/**
 * Reads a field not at each point itself but at its foot on the way to the surface, so that patterns stand upright on
 * the surface.
 *
 * @param depth depth below the surface, millimetres, and `gradient` its gradient
 * @param share which share of the way to the surface is gone; below 1 the patterns bend on their way inward
 * @param limitMm no point goes further than from this depth
 */
export function projectField(
  field: Float32Array,
  grid: Grid,
  depth: Float32Array,
  gradient: Gradient,
  share: number,
  limitMm: number,
): Float32Array {
  const sampler = new Sampler(grid);
  let index = 0;
  return fillField(grid, (x, y, z) => {
    const step = share * Math.min(depth[index]!, limitMm);
    // The halves may hold unrelated values: a foot stays on its own side, whose points are x ≥ 0 or x ≤ −spacing.
    const foot = x - step * gradient.x[index]!;
    const fx = x >= 0 ? Math.max(foot, 0) : Math.min(foot, -grid.spacingMm);
    sampler.moveTo(fx, y - step * gradient.y[index]!, z - step * gradient.z[index]!);
    index++;
    return sampler.read(field);
  });
}
