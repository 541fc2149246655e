import { fail } from '../base/errors.js';

/**
 * Spearman's rank correlation: Pearson's of the ranks, equal values sharing the mean of theirs; −1 to 1, NaN where
 * either side is constant.
 *
 * @param first any number of values from 2
 * @param second as many
 * @throws UtadError bad-shape when the lengths differ, bad-value for NaN.
 * @source Spearman 1904; ties as in scipy.stats.spearmanr.
 */
export function rankCorrelation(first: ArrayLike<number>, second: ArrayLike<number>): number {
  if (first.length !== second.length) {
    fail('bad-shape', {
      where: 'rank correlation',
      expected: 'equally many values on both sides',
      got: `${first.length} and ${second.length}`,
    });
  }
  const [a, b] = [ranksOf(first), ranksOf(second)];
  // Ranks have the same mean, ties or not.
  const middle = (first.length + 1) / 2;
  let [both, left, right] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - middle, b[i]! - middle];
    both += x * y;
    left += x * x;
    right += y * y;
  }
  return left === 0 || right === 0 ? Number.NaN : both / Math.sqrt(left * right);
}

/** Ranks from 1; equal values share the mean of theirs. */
function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort(
    (i, j) => values[i]! - values[j]!,
  );
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    const value = values[order[start]!]!;
    if (Number.isNaN(value))
      fail('bad-value', { where: 'rank correlation', expected: 'numbers', got: 'NaN' });
    let end = start + 1;
    while (end < order.length && values[order[end]!] === value) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
