import type { Tile } from './draw-tile.js';

/** Values on [0, 1] of an image in 256 steps. */
function imageValues(image: Uint8Array): Float32Array {
  return Float32Array.from(image, (value) => value / 255);
}

/** An image in 256 steps as a tile, with an outline where there is one. */
export function imageTile(image: Uint8Array, outline?: Uint8Array | null): Tile {
  return { values: imageValues(image), ...(outline ? { outline } : {}) };
}

/** How much brighter an image is than another, both in 256 steps, as a tile. */
export function differenceTile(image: Uint8Array, other: Uint8Array, outline?: Uint8Array | null): Tile {
  const reference = imageValues(other);
  const values = imageValues(image).map((value, i) => value - reference[i]!);
  return { values, kind: 'difference', ...(outline ? { outline } : {}) };
}
