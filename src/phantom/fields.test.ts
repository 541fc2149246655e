import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { acquireSlices } from './artefacts.js';
import { bandNoise } from './band-noise.js';
import { blur } from './blur.js';
import { distanceTo, signedDepth } from './distance.js';
import { capsuleGroup, ellipsoidDistance } from './distances.js';
import { gradientOf } from './field-gradient.js';
import { canonicalGrid, coveringGrid, fillField, Sampler } from './grid.js';

const grid = coveringGrid(2, 10, 12, -12, -8, 8);

describe('Sampler', () => {
  it('reads a linear field exactly between its points', () => {
    const field = fillField(grid, (x, y, z) => x + 2 * y - 3 * z);
    const sampler = new Sampler(grid);
    expect(sampler.moveTo(1.3, -4.7, 2.2).read(field)).toBeCloseTo(1.3 - 9.4 - 6.6, 4);
    expect(sampler.moveTo(-9, 11, -7.5).read(field)).toBeCloseTo(-9 + 22 + 22.5, 4);
  });
});

describe('gradientOf', () => {
  it('finds the slopes of a linear field along x, y and z', () => {
    const gradient = gradientOf(
      fillField(grid, (x, y, z) => x + 2 * y - 3 * z),
      grid,
    );
    expect(Math.abs(gradient.x[777]! - 1)).toBeLessThan(1e-5);
    expect(Math.abs(gradient.y[777]! - 2)).toBeLessThan(1e-5);
    expect(Math.abs(gradient.z[777]! + 3)).toBeLessThan(1e-5);
  });

  it('takes no difference across the middle plane between unrelated halves', () => {
    const halves = fillField(grid, (x) => (x >= 0 ? 100 : 0));
    expect(Math.max(...gradientOf(halves, grid).x)).toBe(25);
    expect(Math.max(...gradientOf(halves, grid, true).x)).toBe(0);
  });
});

describe('distanceTo', () => {
  it('equals the distance found by trying every point', () => {
    const random = createRandom('distance');
    const small = coveringGrid(3, 9, 9, -6, 0, 12);
    const set = Uint8Array.from(fillField(small, () => (random.uniform() < 0.04 ? 1 : 0)));
    const points: (readonly number[])[] = [];
    fillField(small, (x, y, z) => points.push([x, y, z]));
    const members = points.filter((_, index) => set[index] === 1);
    const distance = distanceTo(set, small);
    points.forEach(([x, y, z], index) => {
      const nearest = Math.min(...members.map((m) => Math.hypot(m[0]! - x!, m[1]! - y!, m[2]! - z!)));
      expect(distance[index]).toBeCloseTo(nearest, 4);
    });
  });

  it('is signed by the side of the border', () => {
    const slab = Uint8Array.from(fillField(grid, (_x, _y, z) => (z < 0 ? 1 : 0)));
    const depth = signedDepth(slab, grid);
    const sampler = new Sampler(grid);
    expect(sampler.moveTo(0, 0, -4).read(depth)).toBeCloseTo(3, 5);
    expect(sampler.moveTo(0, 0, 4).read(depth)).toBeCloseTo(-5, 5);
  });
});

describe('bandNoise', () => {
  it('has mean 0, variance 1, and mirrors its symmetric share only', () => {
    const head = canonicalGrid(6);
    const statistics = (field: Float32Array): [number, number] => {
      const mean = field.reduce((sum, value) => sum + value, 0) / field.length;
      return [mean, field.reduce((sum, value) => sum + (value - mean) ** 2, 0) / field.length];
    };
    const sampler = new Sampler(head);
    const asymmetry = (symmetry: number): number => {
      const field = bandNoise(createRandom('noise'), head, {
        shortestMm: 20,
        longestMm: 30,
        waves: 60,
        symmetry,
      });
      const [mean, variance] = statistics(field);
      expect(Math.abs(mean)).toBeLessThan(0.05);
      expect(Math.abs(variance - 1)).toBeLessThan(0.1);
      return Math.abs(sampler.moveTo(30, 6, 8).read(field) - sampler.moveTo(-30, 6, 8).read(field));
    };
    expect(asymmetry(1)).toBeLessThan(1e-5);
    expect(asymmetry(0)).toBeGreaterThan(0.01);
  });
});

describe('blur', () => {
  it('keeps a constant and spreads a point by its standard deviation', () => {
    const flat = new Float32Array(9 * 9 * 9).fill(7);
    expect(Math.max(...blur(flat, [9, 9, 9], [1, 1, 1]))).toBeCloseTo(7, 4);
    const point = new Float32Array(31);
    point[15] = 1;
    const spread = blur(point, [31, 1, 1], [2, 0, 0]);
    const variance = spread.reduce((sum, value, index) => sum + value * (index - 15) ** 2, 0);
    // A little below 4: the kernel ends at three standard deviations.
    expect(variance).toBeGreaterThan(3.7);
    expect(variance).toBeLessThan(4.05);
  });
});

describe('shapes', () => {
  it('measures a tapered capsule from its axis', () => {
    const capsule = capsuleGroup([{ from: [0, 0, 0], to: [10, 0, 0], radius: [2, 4] }]);
    expect(capsule(0, 5, 0)).toBeCloseTo(3, 6);
    expect(capsule(10, 5, 0)).toBeCloseTo(1, 6);
    expect(capsule(5, 0, 0)).toBeCloseTo(-3, 6);
    expect(capsule(0, 100, 0)).toBe(5);
  });

  it('measures an ellipsoid on its axes', () => {
    expect(ellipsoidDistance(12, 0, 0, [0, 0, 0], [10, 20, 30])).toBeCloseTo(2, 6);
    expect(ellipsoidDistance(0, 20, 0, [0, 0, 0], [10, 20, 30])).toBeCloseTo(0, 6);
  });
});

describe('acquireSlices', () => {
  const size = [1, 1, 8] as const;
  const brain = new Uint8Array(8).fill(1);
  const ramp = Float32Array.from([10, 20, 30, 40, 50, 60, 70, 80]);

  it('leaves thin slices without noise as they are', () => {
    const taken = acquireSlices(ramp, brain, size, { thickness: 1, start: 0 }, 0, createRandom('slices'));
    expect([...taken]).toEqual([...ramp]);
  });

  it('averages over thick slices and interpolates between their centres', () => {
    const taken = acquireSlices(ramp, brain, size, { thickness: 2, start: 0 }, 0, createRandom('slices'));
    // Slices 15, 35, 55, 75 at 0.5, 2.5, 4.5, 6.5.
    expect([...taken].map((value) => Math.round(value))).toEqual([15, 20, 30, 40, 50, 60, 70, 75]);
  });

  it('adds noise whose mean in the dark is that of Rayleigh', () => {
    const dark = new Float32Array(40_000);
    const inside = new Uint8Array(40_000).fill(1);
    const taken = acquireSlices(
      dark,
      inside,
      [40_000, 1, 1],
      { thickness: 1, start: 0 },
      10,
      createRandom('slices'),
    );
    const mean = taken.reduce((sum, value) => sum + value, 0) / taken.length;
    // σ √(π/2) = 12.53
    expect(mean).toBeGreaterThan(12.4);
    expect(mean).toBeLessThan(12.67);
  });
});
