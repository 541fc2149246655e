/**
 * A quantile of sorted values, on the line between its neighbours; NaN of none.
 *
 * @param share 0 (the least) to 1 (the largest)
 * @source numpy.quantile, method `linear`.
 */
export function sortedQuantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const [a, b] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return a + (b - a) * (position - below);
}
