import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gradientSimilarity } from './gradient-similarity.js';
import { multiScaleSsim } from './multi-scale-ssim.js';
import { normalisedMutualInformation } from './mutual-information.js';
import { normalisedSquaredError } from './normalised-squared-error.js';
import { createSsim, ssim } from './ssim.js';

interface ImageCase {
  name: string;
  height: number;
  width: number;
  valueRange: number;
  first: number[];
  second: number[];
  mask: number[];
  ssimUniformSample: number;
  ssimGaussianSample: number;
  nmse: number;
  nmseInside: number;
  mutual: Record<string, number>;
  mutualInside: number;
  gradientCorner: number[];
  gradientMean: number;
  gradientDeviation: number;
}

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/evaluation-metrics.json', import.meta.url), 'utf8'),
) as {
  images: ImageCase[];
  multiScale: { name: string; height: number; width: number; share: number; value: number }[];
};

/** Both sides compute in float64 on the same float32 values; only the order of sums differs. */
const tolerance = 1e-11;
const near = (value: number, wanted: number, within = tolerance) =>
  expect(Math.abs(value - wanted)).toBeLessThan(within);

describe.each(golden.images)('likeness of images agrees with scikit-image and scipy: $name', (one) => {
  const { height, width, valueRange } = one;
  const first = Float32Array.from(one.first);
  const second = Float32Array.from(one.second);
  const mask = Uint8Array.from(one.mask);

  it('SSIM with sample covariance, both windows', () => {
    const options = { valueRange, sampleCovariance: true };
    near(ssim(first, second, height, width, { ...options, window: 'uniform' }), one.ssimUniformSample);
    near(ssim(first, second, height, width, options), one.ssimGaussianSample);
  });

  it('normalised squared error', () => {
    near(normalisedSquaredError(first, second), one.nmse);
    near(normalisedSquaredError(first, second, mask), one.nmseInside);
  });

  it('normalised mutual information', () => {
    for (const [bins, wanted] of Object.entries(one.mutual)) {
      near(normalisedMutualInformation(first, second, Number(bins)), wanted);
    }
    near(normalisedMutualInformation(first, second, 32, mask), one.mutualInside);
  });

  it('gradient similarity', () => {
    const similarity = gradientSimilarity(first, second, height, width, valueRange);
    one.gradientCorner.forEach((wanted, i) => {
      near(similarity.map[i]!, wanted);
    });
    near(similarity.mean, one.gradientMean);
    near(similarity.deviation, one.gradientDeviation);
  });
});

describe('multi-scale SSIM', () => {
  const pattern = (height: number, width: number, seed: number) =>
    Float32Array.from({ length: height * width }, (_, i) => {
      const [y, x] = [Math.floor(i / width), i % width];
      const patches = (Math.floor(x / 9) * Math.floor(y / 7)) % 11;
      return ((7 * x + 13 * y + seed * patches * 31) % 1000) / 1000;
    });

  it.each(golden.multiScale)('agrees with numpy: $name', ({ height, width, share, value }) => {
    const first = pattern(height, width, 1);
    const second = pattern(height, width, 5);
    const mixed = first.map((one, i) => one + (second[i]! - one) / share);
    // Halved slices are kept as float32 here, as float64 there.
    near(multiScaleSsim(first, mixed, height, width, 1), value, 1e-8);
  });

  it('is 1 for equal slices, 0 for a slice and its negative, and the same for either value range', () => {
    const first = pattern(176, 176, 1);
    const second = pattern(176, 176, 2);
    expect(multiScaleSsim(first, first, 176, 176, 1)).toBeCloseTo(1, 12);
    const negative = first.map((value) => 1 - value);
    expect(multiScaleSsim(first, negative, 176, 176, 1)).toBe(0);
    const scaled = [first, second].map((image) => image.map((value) => 4 * value)) as [
      Float32Array,
      Float32Array,
    ];
    near(multiScaleSsim(...scaled, 176, 176, 4), multiScaleSsim(first, second, 176, 176, 1), 1e-8);
  });

  it('says the least size', () => {
    const image = new Float32Array(175 * 240);
    expect(() => multiScaleSsim(image, image, 175, 240, 1)).toThrow(
      'multi-scale SSIM: expected slices of at least 176×176 pixels, got 175×240. Compare at a higher resolution',
    );
  });
});

describe('likeness of images by hand', () => {
  const ramp = Float32Array.from({ length: 64 }, (_, i) => (i % 8) / 8);

  it('contrast and structure alone do not see a shift of brightness', () => {
    const edge = Float32Array.from({ length: 144 }, (_, i) => (i % 12 < 6 ? 0.25 : 0.5));
    const brighter = edge.map((value) => value + 0.25);
    const similarity = createSsim(12, 12, { valueRange: 1 });
    expect(similarity.mean(similarity.contrastStructureMap(edge, brighter))).toBeCloseTo(1, 12);
    expect(similarity.mean(similarity.map(edge, brighter))).toBeLessThan(0.95);
  });

  it('normalised squared error: (0.5² + 0) / (1² + 2²)', () => {
    expect(normalisedSquaredError(Float32Array.of(1.5, 2), Float32Array.of(1, 2))).toBeCloseTo(0.05, 12);
    expect(normalisedSquaredError(new Float32Array(2), Float32Array.of(3, 4))).toBe(1);
  });

  it('mutual information: 2 for a function of the other, 1 for independent values', () => {
    const falling = ramp.map((value) => 3 - 2 * value);
    expect(normalisedMutualInformation(ramp, falling, 8)).toBeCloseTo(2, 12);
    const across = Float32Array.from({ length: 64 }, (_, i) => Math.floor(i / 8));
    expect(normalisedMutualInformation(ramp, across, 8)).toBeCloseTo(1, 12);
    expect(normalisedMutualInformation(ramp, new Float32Array(64), 8)).toBeCloseTo(1, 12);
  });

  it('gradient similarity: one step edge, beside nothing', () => {
    const edge = Float32Array.from({ length: 64 }, (_, i) => (i % 8 >= 4 && i >= 16 && i < 48 ? 1 : 0));
    const { map, mean, deviation } = gradientSimilarity(edge, edge, 8, 8, 1);
    expect([mean, deviation]).toEqual([1, 0]);
    // Halved: 0 0 1 1 in the two middle rows. At row 1, column 1: right − left = 2/3, up − down = 1/3.
    const other = gradientSimilarity(edge, new Float32Array(64), 8, 8, 1);
    const constant = 170 / 255 ** 2;
    expect(other.map[5]).toBeCloseTo(constant / (5 / 9 + constant), 12);
    expect(map.length).toBe(16);
  });

  it.each([
    [
      'bins',
      () => normalisedMutualInformation(ramp, ramp, 1),
      'expected a whole number of bins, 2 to 4096, got 1',
    ],
    [
      'flat',
      () => normalisedMutualInformation(new Float32Array(4), new Float32Array(4), 8),
      'got two constant images',
    ],
    [
      'nothing',
      () => normalisedMutualInformation(new Float32Array(), new Float32Array(), 8),
      'expected some pixels',
    ],
    [
      'lengths',
      () => normalisedMutualInformation(ramp, new Float32Array(3), 8),
      'expected two images of 64 pixels',
    ],
    [
      'no truth',
      () => normalisedSquaredError(ramp, new Float32Array(64)),
      'expected a truth that is not 0 everywhere',
    ],
    [
      'NaN',
      () =>
        normalisedSquaredError(
          ramp,
          ramp.map(() => Number.NaN),
        ),
      'expected finite values',
    ],
    ['mask', () => normalisedSquaredError(ramp, ramp, new Uint8Array(3)), 'mask: expected 64 pixels, got 3'],
    [
      'empty mask',
      () => normalisedSquaredError(ramp, ramp, new Uint8Array(64)),
      'mask: expected a pixel inside, got none',
    ],
    ['range', () => gradientSimilarity(ramp, ramp, 8, 8, 0), 'expected a positive value range'],
    [
      'small',
      () => gradientSimilarity(ramp, ramp, 1, 64, 1),
      'expected slices of at least 2×3 pixels, got 1×64',
    ],
    ['size', () => gradientSimilarity(ramp, ramp, 8, 9, 1), 'expected two images of 72 pixels'],
  ] as const)('refuses ill input: %s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});
