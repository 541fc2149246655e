/** From the networks' values [−1, 1] to [0, 1], clamped. */
export function toUnit(value: number): number {
  return Math.min(1, Math.max(0, (value + 1) / 2));
}
