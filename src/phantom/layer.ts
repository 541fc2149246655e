import type { Sampler } from './grid.js';
import type { Mixture } from './mixture.js';

/** One point of a patient's head, as the layers see it; coordinates in millimetres. */
export interface ProbePoint {
  /** The patient's own head coordinates. */
  headX: number;
  headY: number;
  headZ: number;
  /** The same place in the average head. */
  x: number;
  y: number;
  z: number;
  /** Distance from the middle plane in the average head. */
  a: number;
  /** Depth below the cerebrum's envelope or beside the cleft between the hemispheres. */
  depth: number;
  /** Depth below the surface that skull stripping left. */
  brainDepth: number;
  /** Slow random variation, mean 0, variance 1. */
  uneven: number;
  /** 1 far from the tumour, towards 0 where it presses the sulci shut. */
  effacement: number;
  /** Share of the point that a reader would call oedema; the tumour's layer sets it. */
  oedema: number;
  /** Stands at this point of the canonical grid. */
  readonly sampler: Sampler;
}

/** Adds one part of the anatomy to the mixture at a point. */
export type Layer = (point: ProbePoint, mixture: Mixture) => void;
