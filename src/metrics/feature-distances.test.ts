import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import type { FeatureMatrix } from './feature-matrix.js';
import { frechetDistance } from './frechet-distance.js';
import { kernelDistance } from './kernel-distance.js';

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/evaluation-metrics.json', import.meta.url), 'utf8'),
) as {
  features: {
    name: string;
    dimensions: number;
    first: number[];
    second: number[];
    frechet: number;
    kernel: number;
  }[];
};

const features = (values: readonly number[], dimensions: number): FeatureMatrix => ({
  data: Float64Array.from(values),
  samples: values.length / dimensions,
  dimensions,
});

/** Relative; float64 on both sides. */
const tolerance = 1e-11;
const near = (value: number, wanted: number) =>
  expect(Math.abs(value - wanted) / Math.abs(wanted)).toBeLessThan(tolerance);

describe.each(golden.features)('distances of features: $name', (one) => {
  const first = features(one.first, one.dimensions);
  const second = features(one.second, one.dimensions);

  it('Fréchet agrees with scipy or mpmath, in either order', () => {
    near(frechetDistance(first, second), one.frechet);
    near(frechetDistance(second, first), one.frechet);
  });

  it('kernel agrees with numpy, in either order', () => {
    near(kernelDistance(first, second), one.kernel);
    near(kernelDistance(second, first), one.kernel);
  });

  it('Fréchet is 0 between equal sets', () => {
    expect(frechetDistance(first, first)).toBeLessThan(1e-12 * one.frechet + 1e-12);
  });
});

describe('distances of features by hand', () => {
  it('Fréchet of one feature is (μ1 − μ2)² + (σ1 − σ2)²', () => {
    // Means 1 and 5, deviations √2 and √8.
    const wanted = 16 + (Math.SQRT2 - Math.sqrt(8)) ** 2;
    expect(frechetDistance(features([0, 2], 1), features([3, 7], 1))).toBeCloseTo(wanted, 12);
  });

  it('kernel of two images each', () => {
    // k = (xy + 1)³: k(0, 1) = 1, k(2, 3) = 343; across 1, 1, 27, 64: 1 + 343 − 2 · 93 / 4.
    expect(kernelDistance(features([0, 1], 1), features([2, 3], 1))).toBeCloseTo(297.5, 12);
  });

  it('kernel is about 0, to either side, for sets of one distribution', () => {
    const random = createRandom(5, 'features');
    const draw = () =>
      features(
        Array.from({ length: 40 * 8 }, () => random.uniform() - 0.5),
        8,
      );
    const values = Array.from({ length: 40 }, () => kernelDistance(draw(), draw()));
    expect(values.some((value) => value < 0)).toBe(true);
    expect(values.some((value) => value > 0)).toBe(true);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.002);
  });

  it.each([
    ['one image', features([1, 2], 2), features([1, 2, 3, 4], 2), 'expected two images or more'],
    [
      'widths',
      features([1, 2, 3, 4], 2),
      features([1, 2, 3], 1),
      'expected as many features in both, got 2 and 1',
    ],
    ['NaN', features([1, 2, Number.NaN, 4], 2), features([1, 2, 3, 4], 2), 'got NaN in image 1'],
    [
      'length',
      { ...features([1, 2], 1), samples: 3 },
      features([1, 2], 1),
      'expected 3×1 features, got 2 values',
    ],
  ] as const)('refuses ill input: %s', (_, first, second, message) => {
    expect(() => frechetDistance(first, second)).toThrow(message);
    expect(() => kernelDistance(first, second)).toThrow(message);
  });
});
