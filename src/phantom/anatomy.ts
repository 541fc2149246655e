import { createRandom, type Random } from '../base/random.js';
import { bandNoise } from './band-noise.js';
import { type Folds, growFolds, type SulcusSet } from './cortical-folds.js';
import { type Cranium, drawCranium } from './cranium.js';
import { gradientOf, slopeOf } from './field-gradient.js';
import { canonicalGrid } from './grid.js';
import { drawHead, type Head } from './head.js';
import { projectField } from './project.js';
import { drawTumour, type Tumour } from './tumour.js';

/** Everything about one patient's brain, before any scanner looks at it. */
export interface Anatomy {
  readonly head: Head;
  readonly cranium: Cranium;
  readonly folds: Folds;
  /** Lines on the surface along which veins run: where this is 0. */
  readonly veins: Omit<SulcusSet, 'reach'>;
  /** Slow variation for everything that should not be ruled with a straight edge; mean 0, variance 1. */
  readonly unevenness: Float32Array;
  readonly tumour: Tumour;
}

/** Spacing of the grid on which the smooth fields of the anatomy are kept, millimetres. */
const anatomySpacingMm = 2;

/** The envelopes of the average head, which every patient's are bent from. */
export function drawAverageCranium(): Cranium {
  return drawCranium(canonicalGrid(anatomySpacingMm));
}

/** Draws the anatomy of patient number `index`; equal arguments give equal anatomies. */
export function drawAnatomy(seed: number, index: number, cranium: Cranium = drawAverageCranium()): Anatomy {
  const stream = (part: string) => createRandom('phantom', seed, index, part);
  const folds = growFolds(stream('folds'), cranium);
  return {
    head: drawHead(stream('head')),
    cranium,
    folds,
    veins: drawVeins(stream('veins'), cranium, folds),
    unevenness: bandNoise(stream('unevenness'), cranium.grid, { shortestMm: 12, longestMm: 50, waves: 24 }),
    tumour: drawTumour(stream('tumour')),
  };
}

function drawVeins(random: Random, cranium: Cranium, folds: Folds): Omit<SulcusSet, 'reach'> {
  const { grid } = cranium;
  const noise = bandNoise(random, grid, { shortestMm: 26, longestMm: 44, waves: 32 });
  const value = projectField(noise, grid, folds.depth, gradientOf(folds.depth, grid), 1, 10);
  return { value, slope: slopeOf(value, grid) };
}
