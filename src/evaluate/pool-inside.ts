import { sumInside } from '../metrics/region.js';

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

/** Masks [n, S, S] at half resolution, [n, ⌈S/2⌉, ⌈S/2⌉]: 1 where at least two of four pixels are inside. */
export function halveMask(mask: Uint8Array, side: number): Uint8Array {
  const half = Math.ceil(side / 2);
  const slices = mask.length / side ** 2;
  const out = new Uint8Array(slices * half * half);
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const [k, row, column] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
    out[(k * half + (row >> 1)) * half + (column >> 1)]!++;
  }
  return out.map((pixels) => (pixels >= 2 ? 1 : 0));
}
