/** Where context slices lie, in slices upwards: −reach … −1, then 1 … reach. */
export function contextOffsets(reach: number): readonly number[] {
  return Array.from({ length: 2 * reach }, (_, i) => (i < reach ? i - reach : i - reach + 1));
}

/**
 * The context slices of some slices of a volume, in the order of {@link contextOffsets}. A context slice beyond the volume's
 * end is the slice itself.
 *
 * @param slices [K,S,S], all of the volume
 * @param pixels S·S
 * @param places n indices of slices
 * @returns [n, 2·reach, S, S]
 */
export function contextSlicesAt(
  slices: Float32Array,
  pixels: number,
  places: readonly number[],
  reach: number,
): Float32Array {
  const count = slices.length / pixels;
  const offsets = contextOffsets(reach);
  const result = new Float32Array(places.length * offsets.length * pixels);
  let at = 0;
  for (const place of places)
    for (const offset of offsets) {
      const beside = place + offset;
      const from = beside >= 0 && beside < count ? beside : place;
      result.set(slices.subarray(from * pixels, (from + 1) * pixels), at);
      at += pixels;
    }
  return result;
}
