import { describe, expect, it } from 'vitest';
import { batchesPerEpoch, batchIndices } from './sampler.js';

describe('batchIndices', () => {
  const at = (iteration: number, seed = 1) => batchIndices({ seed, iteration, batchSize: 3, count: 11 });

  it('runs through each epoch without repeating a slice, and drops what is left over', () => {
    const epoch = [0, 1, 2].flatMap((iteration) => at(iteration).indices);
    expect(new Set(epoch).size).toBe(9);
    expect(epoch.every((index) => index >= 0 && index < 11)).toBe(true);
    expect([0, 1, 2, 3, 5, 6].map((iteration) => at(iteration).epoch)).toEqual([0, 0, 0, 1, 1, 2]);
    expect([...at(0).order].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('is a function of seed and iteration alone', () => {
    expect(at(17)).toEqual(at(17));
    expect(at(0).order).not.toEqual(at(3).order);
    expect(at(0).order).not.toEqual(at(0, 2).order);
  });

  it('refuses batches that no epoch can fill', () => {
    expect(() => batchIndices({ seed: 1, iteration: 0, batchSize: 12, count: 11 })).toThrow(
      /from 1 to the 11 slices there are, got 12/,
    );
    expect(() => batchesPerEpoch(11, 0)).toThrow(/got 0/);
    expect(batchesPerEpoch(11, 3)).toBe(3);
  });
});
