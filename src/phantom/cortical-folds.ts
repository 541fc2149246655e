import type { Random } from '../base/random.js';
import { bandNoise } from './band-noise.js';
import type { Cranium } from './cranium.js';
import { bridgeOutline, cleftDistance } from './deep-structures.js';
import { smoothMin } from './distances.js';
import { gradientOf, slopeOf } from './field-gradient.js';
import { fillField, type Grid, pointsOf } from './grid.js';
import { projectField } from './project.js';

/** One generation of sulci: sheets where `value` is 0. */
export interface SulcusSet {
  /** Random field whose zero set are the sheets. */
  readonly value: Float32Array;
  /** Length of its gradient, per millimetre: |value| / slope is the distance to the nearest sheet. */
  readonly slope: Float32Array;
  /** How deep the sheets reach below the envelope, millimetres; below 0 there is none. */
  readonly reach: Float32Array;
}

/** The folding of one patient's cortex on the canonical grid. */
export interface Folds {
  readonly grid: Grid;
  /** Depth below the envelope or beside the cleft between the hemispheres, whichever is nearer, millimetres. */
  readonly depth: Float32Array;
  readonly primary: SulcusSet;
  readonly secondary: SulcusSet;
}

/**
 * Grows sulci: a band-pass random field is read at each point's foot on the surface, so that its zero set stands
 * upright on the surface and runs inward as sheets; the surface pattern is the labyrinth of its nodal lines.
 */
export function growFolds(random: Random, cranium: Cranium): Folds {
  const { grid, cerebrum } = cranium;
  const wobble = bandNoise(random, grid, { shortestMm: 30, longestMm: 60, waves: 12 });
  let index = 0;
  const depth = fillField(grid, (x, y, z) => {
    const at = index++;
    return smoothMin(cerebrum[at]!, cleftDistance(x + 0.6 * wobble[at]!, y, z), 4);
  });
  const gradient = gradientOf(depth, grid);
  const sulci = (
    band: { shortestMm: number; longestMm: number },
    waves: number,
    share: number,
  ): Omit<SulcusSet, 'reach'> => {
    const noise = bandNoise(random, grid, { ...band, waves, symmetry: 0.25 });
    const value = projectField(noise, grid, depth, gradient, share, 40);
    return { value, slope: slopeOf(value, grid, true) };
  };

  const variation = bandNoise(random, grid, { shortestMm: 25, longestMm: 60, waves: 20, symmetry: 0.3 });
  const primaryReach = new Float32Array(pointsOf(grid));
  const secondaryReach = new Float32Array(pointsOf(grid));
  index = 0;
  fillField(grid, (x, y, z) => {
    const at = index++;
    const roomy = regionReach(Math.abs(x), y, z);
    primaryReach[at] = Math.min(roomy, 17.5 + 8 * variation[at]!);
    // The inner face has its main sulci only.
    secondaryReach[at] = Math.abs(x) < 14 ? 0 : Math.min(0.6 * roomy, 7.5 - 5 * variation[at]!);
    return 0;
  });
  return {
    grid,
    depth,
    primary: { ...sulci({ shortestMm: 24, longestMm: 34 }, 60, 0.66), reach: primaryReach },
    secondary: { ...sulci({ shortestMm: 13, longestMm: 18 }, 60, 0.6), reach: secondaryReach },
  };
}

/** How deep sulci may reach: less in the slender temporal lobe and on the medial wall. */
function regionReach(a: number, y: number, z: number): number {
  if (a < 20 && bridgeOutline(y, z) < 2) return 0;
  const temporal = z < -8 && a > 18 && y > -45 ? 11 : 26;
  return a < 14 ? Math.min(temporal, 8) : temporal;
}
