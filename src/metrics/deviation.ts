/** Mean and standard deviation of some values. */
export interface MeanDeviation {
  readonly mean: number;
  /** Null for fewer than two values where one is taken off the divisor. */
  readonly deviation: number | null;
}

/**
 * Mean and standard deviation of some values, at least one.
 *
 * @param sample whether the values are a sample, so that squares are divided by their number less one
 */
export function meanDeviation(values: ArrayLike<number>, sample: boolean): MeanDeviation {
  const count = values.length;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i]!;
  const mean = sum / count;
  const divisor = sample ? count - 1 : count;
  if (divisor === 0) return { mean, deviation: null };
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (values[i]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / divisor) };
}
