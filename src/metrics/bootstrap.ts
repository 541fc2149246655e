import { fail } from '../base/errors.js';
import type { Random } from '../base/random.js';
import { sortedQuantile } from '../base/sorted-quantile.js';

/** A mean and the percentile interval of its bootstrap. */
export interface MeanInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The mean of some patients' values with a percentile bootstrap interval over patients.
 *
 * @param random decides the draws; the same stream gives the same interval
 * @param options level of the interval (default 0.95) and number of draws (default 2000)
 * @throws UtadError bad-value when there are no values.
 * @source Efron and Tibshirani 1993, chapter 13.
 */
export function bootstrapMean(
  values: readonly number[],
  random: Random,
  options: { readonly level?: number; readonly draws?: number } = {},
): MeanInterval {
  const { level = 0.95, draws = 2000 } = options;
  if (values.length === 0) fail('bad-value', { where: 'bootstrap', expected: 'some values', got: 'none' });
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[random.integer(values.length)]!;
    means[draw] = sum / values.length;
  }
  means.sort();
  const tail = (1 - level) / 2;
  return { mean: meanOf(values), low: sortedQuantile(means, tail), high: sortedQuantile(means, 1 - tail) };
}

/** Arithmetic mean; NaN of none. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
