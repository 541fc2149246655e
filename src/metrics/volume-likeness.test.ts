import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { haarPsi } from './haar-psi.js';
import { absoluteLaplacian, interiorOf } from './laplacian.js';
import { fitBrightness, jointMoments, pearsonCorrelation, withBrightness } from './linear-fit.js';
import { volumeSsim } from './volume-ssim.js';

interface SliceCase {
  height: number;
  width: number;
  first: number[];
  second: number[];
  mask: number[];
  haarPsi: number;
  correlation: number;
  gain: number;
  offset: number;
}

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/volume-likeness.json', import.meta.url), 'utf8'),
) as {
  slices: SliceCase[];
  volume: {
    shape: [number, number, number];
    first: number[];
    second: number[];
    mask: number[];
    ssim: number;
    detail: { spacing: [number, number, number]; voxels: number; first: number; second: number }[];
  };
};
const near = (value: number | null, wanted: number) => expect(Math.abs(value! - wanted)).toBeLessThan(1e-9);

describe.each(golden.slices)('slices of $height×$width agree with numpy and scipy', (one) => {
  const { height, width } = one;
  const first = Float32Array.from(one.first);
  const second = Float32Array.from(one.second);
  const mask = Uint8Array.from(one.mask);

  it('HaarPSI', () => {
    near(haarPsi(first, second, height, width, 1), one.haarPsi);
    near(haarPsi(second, first, height, width, 1), one.haarPsi);
    near(haarPsi(first, first, height, width, 1), 1);
  });

  it('correlation', () => {
    near(pearsonCorrelation(first, second, mask), one.correlation);
  });

  it('the best gain and offset, of which the gain is never below 0', () => {
    const { gain, offset } = fitBrightness(first, second, mask);
    const mean = jointMoments(first, second, mask).meanSecond;
    near(gain, Math.max(0, one.gain));
    near(offset, one.gain > 0 ? one.offset : mean);
    const negative = second.map((value) => 1 - value);
    expect(fitBrightness(negative, second, mask)).toEqual({ gain: 0, offset: mean });
  });
});

describe('volumes agree with scikit-image and scipy', () => {
  const [slices, rows, columns] = golden.volume.shape;
  const first = Float32Array.from(golden.volume.first);
  const second = Float32Array.from(golden.volume.second);
  const mask = Uint8Array.from(golden.volume.mask);

  it('SSIM with a window in three dimensions', () => {
    near(volumeSsim(first, second, { slices, rows, columns }, 1), golden.volume.ssim);
    near(volumeSsim(first, first, { slices, rows, columns }, 1), 1);
  });

  it('SSIM counts slices without anything as alike', () => {
    const area = rows * columns;
    const empty = new Float32Array(20 * area);
    const [a, b] = [first, second].map((data) => {
      const more = new Float32Array(empty.length + data.length);
      more.set(data, empty.length);
      return more;
    }) as [Float32Array, Float32Array];
    // The 20 slices below add 15 without anything in their windows, and 5 that see the volume.
    const padded = volumeSsim(a, b, { slices: 20 + slices, rows, columns }, 1)!;
    expect(padded).toBeGreaterThan(golden.volume.ssim);
    expect(padded).toBeLessThan(1);
    expect(volumeSsim(empty, empty, { slices: 20, rows, columns }, 1)).toBe(1);
  });

  it('SSIM needs 11 voxels along each axis', () => {
    const few = 10 * rows * columns;
    const shape = { slices: 10, rows, columns };
    expect(volumeSsim(first.subarray(0, few), second.subarray(0, few), shape, 1)).toBeNull();
  });

  it.each(golden.volume.detail)('fine detail at spacings of $spacing mm', (one) => {
    const [mmSlices, mmRows, mmColumns] = one.spacing;
    const grid = {
      slices,
      rows,
      columns,
      spacingMm: { slices: mmSlices, rows: mmRows, columns: mmColumns },
    };
    const inner = interiorOf(mask, grid);
    expect(inner.reduce((sum, value) => sum + value, 0)).toBe(one.voxels);
    const places = Array.from({ length: slices }, (_, k) => k);
    const mean = (image: Float32Array): number =>
      absoluteLaplacian(image, grid, places, inner).reduce((sum, value) => sum + value, 0) / one.voxels;
    expect(Math.abs(mean(first) - one.first)).toBeLessThan(1e-6);
    expect(Math.abs(mean(second) - one.second)).toBeLessThan(1e-6);
    const some = absoluteLaplacian(first, grid, [4, 9], inner);
    const all = absoluteLaplacian(first, grid, places, inner);
    const area = rows * columns;
    expect(some).toEqual(
      Float32Array.of(...all.subarray(4 * area, 5 * area), ...all.subarray(9 * area, 10 * area)),
    );
  });
});

describe('brightness', () => {
  const mask = Uint8Array.of(1, 1, 1, 0);
  const truth = Float32Array.of(0.2, 0.4, 0.9, 0);

  it('is taken out of an image that differs by nothing else', () => {
    const image = truth.map((value) => 0.5 * value + 0.1);
    const fitted = withBrightness(image, fitBrightness(image, truth, mask));
    for (const i of [0, 1, 2]) expect(fitted[i]).toBeCloseTo(truth[i]!, 6);
  });

  it('leaves the mean of the truth of a constant, which has no correlation', () => {
    const constant = Float32Array.of(0.7, 0.7, 0.7, 0);
    expect(fitBrightness(constant, truth, mask)).toEqual({ gain: 0, offset: expect.closeTo(0.5, 7) });
    expect(pearsonCorrelation(constant, truth, mask)).toBeNull();
    expect(jointMoments(constant, truth, mask)).toMatchObject({ varianceFirst: 0, covariance: 0 });
  });
});

describe('HaarPSI', () => {
  it('of equal slices is never above 1, however sums are rounded', () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = createRandom('equal slices', seed);
      const size = 8 + random.integer(24);
      const slice = Float32Array.from({ length: size * size }, () =>
        random.uniform() < 0.5 ? 0 : random.uniform(),
      );
      const value = haarPsi(slice, slice, size, size, 1);
      expect(value).toBeLessThanOrEqual(1);
      expect(value).toBeGreaterThan(1 - 1e-9);
    }
  });

  it('is 1 of slices without any structure, and refuses what is no slice', () => {
    expect(haarPsi(new Float32Array(64), new Float32Array(64), 8, 8, 1)).toBe(1);
    expect(() => haarPsi(new Float32Array(8), new Float32Array(8), 1, 8, 1)).toThrow(
      'HaarPSI: expected slices of at least 2×2 pixels, got 1×8',
    );
  });
});
