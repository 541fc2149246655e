import { sumInside } from '../metrics/region.js';
import type { SliceShape } from './similarity-maps.js';

/** Mean of a map inside a mask and the standard deviation there (divided by the pixels less one); null of too few. */
export function poolInside(
  map: Float64Array,
  mask: Uint8Array,
): { readonly mean: number | null; readonly deviation: number | null } {
  const { sum, count } = sumInside(map, mask);
  if (count === 0) return { mean: null, deviation: null };
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < map.length; i++) if (mask[i]) squares += (map[i]! - mean) ** 2;
  return { mean, deviation: count < 2 ? null : Math.sqrt(squares / (count - 1)) };
}

/** Masks [n, rows, columns] at half resolution, [n, ⌈rows/2⌉, ⌈columns/2⌉]: 1 where at least two of four pixels are inside. */
export function halveMask(mask: Uint8Array, { rows, columns }: SliceShape): Uint8Array {
  const [height, width] = [Math.ceil(rows / 2), Math.ceil(columns / 2)];
  const slices = mask.length / (rows * columns);
  const out = new Uint8Array(slices * height * width);
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const [k, row] = [Math.floor(i / (rows * columns)), Math.floor(i / columns) % rows];
    out[(k * height + (row >> 1)) * width + ((i % columns) >> 1)]!++;
  }
  return out.map((pixels) => (pixels >= 2 ? 1 : 0));
}
