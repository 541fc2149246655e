import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { meanAbsoluteError, psnr } from './intensity-errors.js';
import { sumInside } from './region.js';
import { createSsim, ssim } from './ssim.js';

interface Case {
  name: string;
  height: number;
  width: number;
  valueRange: number;
  first: number[];
  second: number[];
  mask: number[];
  ssim: number;
  ssimUniform: number;
  ssimInside: number;
  ssimCorner: number[];
  psnr: number;
  mae: number;
  maeInside: number;
}

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/metrics.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

/** Both sides compute in float64 on the same float32 values; only the order of sums differs. */
const tolerance = 1e-9;
const near = (value: number, wanted: number) => expect(Math.abs(value - wanted)).toBeLessThan(tolerance);

describe.each(golden.cases)('metrics agree with scikit-image: $name', (one) => {
  const { height, width, valueRange } = one;
  const first = Float32Array.from(one.first);
  const second = Float32Array.from(one.second);
  const mask = Uint8Array.from(one.mask);

  it('SSIM with the Gaussian window, its map at the border and inside a mask', () => {
    const similarity = createSsim(height, width, { valueRange });
    const map = similarity.map(first, second);
    near(similarity.mean(map), one.ssim);
    one.ssimCorner.forEach((value, i) => {
      near(map[i]!, value);
    });
    const inside = sumInside(map, mask);
    near(inside.sum / inside.count, one.ssimInside);
  });

  it('SSIM with the uniform window', () => {
    near(ssim(first, second, height, width, { valueRange, window: 'uniform' }), one.ssimUniform);
  });

  it('PSNR and mean absolute error', () => {
    near(psnr(first, second, valueRange), one.psnr);
    near(meanAbsoluteError(first, second), one.mae);
    near(meanAbsoluteError(first, second, mask), one.maeInside);
  });
});

describe('metrics on ill and extreme input', () => {
  const image = Float32Array.from({ length: 144 }, (_, i) => (i % 7) / 7);

  it('gives 1, Infinity and 0 for equal images', () => {
    expect(ssim(image, image, 12, 12, { valueRange: 1 })).toBeCloseTo(1, 12);
    expect(psnr(image, image, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(meanAbsoluteError(image, image)).toBe(0);
  });

  it('gives 1 for two equal constant images', () => {
    const flat = new Float32Array(144).fill(0.5);
    expect(ssim(flat, flat, 12, 12, { valueRange: 1 })).toBeCloseTo(1, 12);
  });

  it('does not guess the value range', () => {
    const missing = {} as { valueRange: number };
    expect(() => ssim(image, image, 12, 12, missing)).toThrow(
      'SSIM: expected a positive value range (1 for images on [0, 1], 2 on [−1, 1]), got undefined.',
    );
    expect(() => psnr(image, image, 0)).toThrow('PSNR: expected a positive value range');
  });

  it('refuses NaN, other sizes and slices smaller than the window', () => {
    const holed = image.slice();
    holed[5] = Number.NaN;
    expect(() => ssim(image, holed, 12, 12, { valueRange: 1 })).toThrow(
      /expected finite values, got .*NaN at pixel 5/,
    );
    expect(() => psnr(holed, image, 1)).toThrow('expected finite values');
    expect(() => ssim(image, image, 12, 13, { valueRange: 1 })).toThrow(
      'expected two images of 156 pixels, got 144',
    );
    expect(() => ssim(image, image, 9, 16, { valueRange: 1 })).toThrow('at least 11×11 pixels, got 9×16');
    expect(() => meanAbsoluteError(image, image, new Uint8Array(3))).toThrow(
      'mask: expected 144 pixels, got 3',
    );
  });
});
