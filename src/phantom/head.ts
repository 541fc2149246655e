import type { Random } from '../base/random.js';
import type { Triple } from '../imaging/volume.js';
import { bandNoise } from './band-noise.js';
import { canonicalGrid, type Grid } from './grid.js';

/** What makes one head differ from the average one. */
export interface Head {
  /** Size along x, y, z relative to the average. */
  readonly scale: Triple;
  /** Turn about x (nod), y (tilt) and z (yaw), radians. */
  readonly turn: Triple;
  /** Smooth displacement of the anatomy along x, y, z, millimetres, on `warpGrid`. */
  readonly warp: readonly [Float32Array, Float32Array, Float32Array];
  readonly warpGrid: Grid;
  /** 0 young … 1 much atrophy: wider sulci and ventricles. */
  readonly atrophy: number;
  /** Thickness of the cortex, millimetres. */
  readonly cortexMm: number;
  /** How far the ventricles' walls stand out from the average, millimetres: right half, left half, middle. */
  readonly ventricleMm: Triple;
  /** How far outside the cortex the skull was stripped, millimetres; below 0 it took some cortex. */
  readonly marginMm: number;
  /** Width of the rim of slightly longer T2 around the ventricles, 0 … 1. */
  readonly periventricular: number;
}

/** Draws a head. */
export function drawHead(random: Random): Head {
  const { uniform, normal } = random;
  const size = 0.97 + 0.02 * normal();
  const atrophy = uniform() ** 1.6;
  const growth = -0.4 + 2.2 * atrophy + 0.5 * normal();
  const lean = 0.35 * normal();
  const warpGrid = canonicalGrid(8);
  const warpField = (amplitudeMm: number): Float32Array =>
    bandNoise(random, warpGrid, { shortestMm: 45, longestMm: 130, waves: 24 }).map(
      (value) => value * amplitudeMm,
    );
  return {
    scale: [size * (1 + 0.015 * normal()), size * (1 + 0.015 * normal()), size * (1 + 0.015 * normal())],
    turn: [0.04 * normal(), 0.015 * normal(), 0.015 * normal()],
    warp: [warpField(1.3), warpField(1.8), warpField(1.6)],
    warpGrid,
    atrophy,
    cortexMm: 2.7 + 0.5 * uniform() - 0.3 * atrophy,
    ventricleMm: [clampGrowth(growth + lean), clampGrowth(growth - lean), clampGrowth(0.5 * growth)],
    marginMm: -0.5 + 1.2 * uniform(),
    periventricular: 0.2 + 0.8 * atrophy * uniform(),
  };
}

function clampGrowth(value: number): number {
  return Math.min(3.2, Math.max(-0.9, value));
}
