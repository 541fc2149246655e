import { z } from 'zod';
import type { Random } from '../base/random.js';
import { distanceTo } from '../phantom/distance.js';

/** How far training masks are made wrong at random; with 0 throughout they stay as they are. */
export const maskJitterSchema = z.strictObject({
  boundaryMm: z
    .number()
    .min(0)
    .default(0)
    .describe('how far the borders of training masks move at most, outwards or inwards, in millimetres'),
  shiftMm: z
    .number()
    .min(0)
    .default(0)
    .describe('how far training masks are shifted at most along each axis, in millimetres'),
});

/** See {@link maskJitterSchema}. */
export type MaskJitter = Readonly<z.infer<typeof maskJitterSchema>>;

/** Masks as they are. */
export const noMaskJitter: MaskJitter = maskJitterSchema.parse({});

/** What is done to one mask, in pixels. */
export interface MaskError {
  /** Outwards when positive. */
  readonly growth: number;
  readonly right: number;
  readonly down: number;
}

/** Draws a mask's error, uniform between the limits. */
export function drawMaskError(random: Random, jitter: MaskJitter, pixelMm: number): MaskError {
  const either = (limitMm: number): number => ((2 * random.uniform() - 1) * limitMm) / pixelMm;
  return {
    growth: either(jitter.boundaryMm),
    right: Math.round(either(jitter.shiftMm)),
    down: Math.round(either(jitter.shiftMm)),
  };
}

/**
 * A mask [S, S] grown or shrunk by a disc and shifted by whole pixels, within the brain; an empty one stays empty, and one
 * without an error as it is.
 *
 * @param growth in pixels: pixels whose centre is at most so far from one inside are added, or from one outside removed
 */
export function jitterMask(
  mask: Uint8Array,
  brain: Uint8Array,
  side: number,
  { growth, right, down }: MaskError,
): Uint8Array {
  if (growth === 0 && right === 0 && down === 0) return mask;
  const grown = grow(mask, side, growth);
  const result = new Uint8Array(mask.length);
  for (let row = Math.max(0, down); row < Math.min(side, side + down); row++) {
    for (let column = Math.max(0, right); column < Math.min(side, side + right); column++) {
      const to = row * side + column;
      result[to] = brain[to]! & grown[(row - down) * side + column - right]!;
    }
  }
  return result;
}

function grow(mask: Uint8Array, side: number, growth: number): Uint8Array {
  if (growth === 0) return mask;
  const grid = { size: [side, side, 1] as const, spacingMm: 1 };
  const inwards = growth < 0;
  const distance = distanceTo(inwards ? mask.map((inside) => 1 - inside) : mask, grid);
  return Uint8Array.from(distance, (far) => Number(inwards ? far > -growth : far <= growth));
}
