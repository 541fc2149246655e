import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rankCorrelation } from './rank-correlation.js';

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/rank-correlation.json', import.meta.url), 'utf8'),
) as { name: string; first: number[]; second: number[]; rho: number }[];
/** Both sides compute in double precision. */
const tolerance = 1e-12;

describe('rank correlation', () => {
  it.each(golden)('agrees with scipy: $name', ({ first, second, rho }) => {
    expect(Math.abs(rankCorrelation(first, second) - rho)).toBeLessThan(tolerance);
  });

  it('is that of the order alone', () => {
    expect(rankCorrelation([1, 2, 3, 4], [1, 10, 100, 1000])).toBe(1);
    expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBe(-1);
    expect(rankCorrelation([1, 1, 1], [3, 2, 1])).toBeNaN();
  });

  it('refuses sides of different length and what is no number', () => {
    expect(() => rankCorrelation([1, 2], [1])).toThrow(
      'expected equally many values on both sides, got 2 and 1',
    );
    expect(() => rankCorrelation([1, Number.NaN], [1, 2])).toThrow('expected numbers, got NaN');
  });
});
