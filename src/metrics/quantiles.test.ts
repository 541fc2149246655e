import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { bootstrapMean } from './bootstrap.js';
import { matchHistogram } from './match-histogram.js';
import { createQuantileAccumulator, quantileCount, quantileTable } from './quantiles.js';

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/metrics.json', import.meta.url), 'utf8'),
) as { quantiles: { values: number[]; table: number[] } };
const values = Float32Array.from(golden.quantiles.values);

describe('quantile tables', () => {
  it('agree with numpy', () => {
    const table = quantileTable(values);
    golden.quantiles.table.forEach((wanted, i) => {
      expect(Math.abs(table[i]! - wanted)).toBeLessThan(1e-12);
    });
  });

  it('are the same from a stream, to within the gap between neighbouring values', () => {
    const stream = createQuantileAccumulator();
    const slices = values.map((value) => 2 * value - 1);
    stream.addSlices(slices.subarray(0, 200), new Uint8Array(200).fill(1));
    stream.add(values.subarray(200));
    expect(stream.count()).toBe(500);
    const table = stream.table();
    const gap = 0.04;
    quantileTable(values).forEach((wanted, i) => {
      expect(Math.abs(table[i]! - wanted)).toBeLessThan(gap);
    });
    expect(table[0]).toBeCloseTo(Math.min(...values), 3);
    expect(table.at(-1)).toBeCloseTo(Math.max(...values), 3);
  });

  it('need values', () => {
    expect(() => quantileTable(new Float32Array())).toThrow('quantiles: expected some values, got none');
    expect(() => createQuantileAccumulator().table()).toThrow('expected some values, got none');
  });
});

describe('histogram matching', () => {
  it('gives an image its own distribution back', () => {
    const even = Float32Array.from({ length: 500 }, (_, i) => ((i * 37) % 500) / 499);
    const matched = matchHistogram(even, new Uint8Array(500).fill(1), quantileTable(even));
    // The middle of rank r lies at most half a step from the r-th smallest value; float32 adds 1e-7.
    const errors = matched.map((value, i) => Math.abs(value - even[i]!));
    expect(Math.max(...errors)).toBeLessThan(0.5 / 499 + 1e-6);
  });

  it('maps by rank inside the mask and leaves 0 outside', () => {
    const table = Array.from({ length: quantileCount }, (_, i) => i / 256);
    const image = Float32Array.of(0.9, 0.2, 0.2, 5, 0.1);
    const matched = matchHistogram(image, Uint8Array.of(1, 1, 1, 0, 1), table);
    // Sorted inside: 0.1, 0.2, 0.2, 0.9 → middles of ranks 1/8, 1/2, 1/2, 7/8.
    expect([...matched]).toEqual([0.875, 0.5, 0.5, 0, 0.125]);
  });

  it('refuses other masks and tables', () => {
    expect(() => matchHistogram(values, new Uint8Array(2), [])).toThrow('mask: expected 500 pixels, got 2');
    expect(() => matchHistogram(values, new Uint8Array(500), [1, 0])).toThrow(
      'quantile table: expected 257 finite values in rising order, got 2 values out of order',
    );
  });
});

describe('bootstrap', () => {
  it('is the same for the same seed, and holds the mean', () => {
    const patients = [0.1, 0.2, 0.15, 0.3, 0.12];
    const one = bootstrapMean(patients, createRandom(3, 'bootstrap'));
    expect(bootstrapMean(patients, createRandom(3, 'bootstrap'))).toEqual(one);
    expect(one.mean).toBeCloseTo(0.174, 12);
    expect(one.low).toBeGreaterThan(0.1);
    expect(one.low).toBeLessThan(one.mean);
    expect(one.high).toBeGreaterThan(one.mean);
    expect(one.high).toBeLessThan(0.3);
  });
});
