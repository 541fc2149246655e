import { z } from 'zod';
import type { Random } from '../base/random.js';
import { gammaJitter } from './gamma-jitter.js';
import type { StoredSlice } from './slice-store.js';

const off = 0;

/**
 * How far training slices are varied at random, together with everything that belongs to them: masks and truths. With 0
 * throughout they stay as they are.
 */
export const augmentationSchema = z.strictObject({
  rotationDegrees: z
    .number()
    .min(0)
    .max(180)
    .default(off)
    .describe('largest rotation to either side, in degrees'),
  zoom: z
    .number()
    .min(0)
    .max(1)
    .default(off)
    .describe('largest enlargement: factors lie between 1/(1 + zoom) and 1 + zoom'),
  shift: z
    .number()
    .min(0)
    .max(0.5)
    .default(off)
    .describe("largest shift along each axis to either side, as a share of the slice's side"),
  gamma: z
    .number()
    .min(0)
    .max(1)
    .default(off)
    .describe('intensities v on [0, 1] become v^γ with γ between 1/(1 + gamma) and 1 + gamma'),
  gain: z
    .number()
    .min(0)
    .max(1)
    .default(off)
    .describe('intensities v on [0, 1] become g·v, at most 1, with g between 1/(1 + gain) and 1 + gain'),
});

/** See {@link augmentationSchema}. */
export type Augmentation = Readonly<z.infer<typeof augmentationSchema>>;

/** Slices as they are. */
export const noAugmentation: Augmentation = augmentationSchema.parse({});

/** What is done to one slice. */
export interface Variation {
  readonly mirrored: boolean;
  readonly rotation: number;
  readonly zoom: number;
  /** In shares of the side. */
  readonly shift: { readonly right: number; readonly down: number };
  readonly gamma: number;
  readonly gain: number;
}

/** Draws a slice's variation; options that are off draw as well, so that one does not change another. */
export function drawVariation(random: Random, augmentation: Augmentation, mirrored: boolean): Variation {
  // Adding 0 makes no number of −0.
  const either = (limit: number): number => limit * (2 * random.uniform() - 1) + 0;
  // As often smaller as larger: uniform in the logarithm.
  const factor = (limit: number): number => Math.exp(either(Math.log1p(limit)));
  return {
    mirrored,
    rotation: either((augmentation.rotationDegrees * Math.PI) / 180),
    zoom: factor(augmentation.zoom),
    shift: { right: either(augmentation.shift), down: either(augmentation.shift) },
    gamma: factor(augmentation.gamma),
    gain: factor(augmentation.gain),
  };
}

/** A slice with its masks, varied: mirrored, then moved about its centre, then in its intensities. All [S, S]. */
export function varySlice(slice: StoredSlice, side: number, variation: Variation): StoredSlice {
  const turned = variation.mirrored ? mirror(slice, side) : slice;
  const { rotation, zoom, shift, gamma, gain } = variation;
  const still = rotation === 0 && zoom === 1 && shift.right === 0 && shift.down === 0;
  const moved = still ? turned : move(turned, side, variation);
  return gamma === 1 && gain === 1 ? moved : { ...moved, image: gammaJitter(moved, gamma, gain) };
}

function mirror({ image, mask, brain }: StoredSlice, side: number): StoredSlice {
  return { image: mirrorRows(image, side), mask: mirrorRows(mask, side), brain: mirrorRows(brain, side) };
}

/** Each row of [S, S] turned round. */
function mirrorRows<T extends Float32Array | Uint8Array>(slice: T, side: number): T {
  const turned = slice.slice() as T;
  for (let row = 0; row < side; row++) turned.subarray(row * side, (row + 1) * side).reverse();
  return turned;
}

/**
 * Rotates, zooms and shifts: masks by their nearest pixel, the image bilinearly among pixels of the brain alone, so
 * that its edge stays as sharp as it was. What comes from outside the slice is background.
 */
function move({ image, mask, brain }: StoredSlice, side: number, variation: Variation): StoredSlice {
  const { rotation, zoom, shift } = variation;
  const [cosine, sine] = [Math.cos(rotation) / zoom, Math.sin(rotation) / zoom];
  const centre = (side - 1) / 2;
  const result = {
    image: new Float32Array(side * side).fill(-1),
    mask: new Uint8Array(side * side),
    brain: new Uint8Array(side * side),
  };
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const right = column - centre - shift.right * side;
      const down = row - centre - shift.down * side;
      const x = centre + cosine * right + sine * down;
      const y = centre - sine * right + cosine * down;
      const [nearestColumn, nearestRow] = [Math.round(x), Math.round(y)];
      if (nearestColumn < 0 || nearestColumn >= side || nearestRow < 0 || nearestRow >= side) continue;
      const [to, from] = [row * side + column, nearestRow * side + nearestColumn];
      result.mask[to] = mask[from]!;
      if (brain[from] === 0) continue;
      result.brain[to] = 1;
      result.image[to] = interpolate(image, brain, side, x, y);
    }
  }
  return result;
}

/** Bilinear at (x, y), in columns and rows, weighing only pixels of the brain; the nearest one must be of it. */
function interpolate(image: Float32Array, brain: Uint8Array, side: number, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  let [sum, weights] = [0, 0];
  for (const [column, row] of [
    [left, top],
    [left + 1, top],
    [left, top + 1],
    [left + 1, top + 1],
  ] as const) {
    if (column < 0 || column >= side || row < 0 || row >= side) continue;
    const at = row * side + column;
    const weight = brain[at]! * (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
    sum += weight * image[at]!;
    weights += weight;
  }
  return sum / weights;
}
