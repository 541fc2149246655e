/**
 * A slice at another size, bilinear between pixel centres (corners not aligned); the edge pixel is repeated.
 *
 * Made smaller by much, it skips pixels: features of networks at half the slice's size and below see aliasing.
 *
 * @param slice [from, from]
 * @returns [to, to]
 * @source torch `interpolate(mode='bilinear', align_corners=False)`.
 */
export function resizeSlice(slice: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return slice;
  const places = Array.from({ length: to }, (_, i) => {
    const at = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const low = Math.min(Math.floor(at), from - 1);
    return { low, high: Math.min(low + 1, from - 1), share: at - low };
  });
  const out = new Float32Array(to * to);
  places.forEach((row, r) => {
    places.forEach((column, c) => {
      const value = (y: number, x: number) => slice[y * from + x]!;
      const above =
        value(row.low, column.low) * (1 - column.share) + value(row.low, column.high) * column.share;
      const below =
        value(row.high, column.low) * (1 - column.share) + value(row.high, column.high) * column.share;
      out[r * to + c] = above * (1 - row.share) + below * row.share;
    });
  });
  return out;
}
