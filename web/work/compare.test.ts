import { describe, expect, it } from 'vitest';
import { noOrigin, type Volume } from '../../src/imaging/volume.js';
import { compareVolumes } from './compare.js';

const size = [16, 16, 2] as const;
const affineVoxelToWorld = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const volume = (value: (i: number) => number): Volume => ({
  data: Float32Array.from({ length: 512 }, (_, i) => value(i)),
  size,
  affineVoxelToWorld,
  origin: noOrigin,
});
const ramp = (i: number): number => i / 511;

describe('a comparison', () => {
  it('finds nothing between volumes that differ by their scale alone', () => {
    const truth = volume((i) => 100 + 800 * ramp(i));
    // The truth's scale runs between its percentiles.
    const [low, high] = [100 + 800 * 0.005, 100 + 800 * 0.995];
    const translated = volume((i) => 1 + (100 + 800 * ramp(i) - low) / (high - low));
    const { meanError, similarity, difference } = compareVolumes({
      translated,
      translatedRange: { low: 1, high: 2 },
      truth,
    });
    expect(meanError).toBeLessThan(1e-6);
    expect(similarity).toBeCloseTo(1, 5);
    expect(Math.max(...difference.map(Math.abs))).toBeLessThan(1e-5);
  });

  it('tells sign and size of a difference, and leaves out what is no brain', () => {
    const truth = volume((i) => (i < 256 ? 0 : 1 + ramp(i)));
    const translated = volume((i) => (i < 256 ? 0 : 10));
    const { meanError, difference } = compareVolumes({
      translated,
      translatedRange: { low: 0, high: 10 },
      truth,
    });
    expect(difference.slice(0, 256).some((value) => value !== 0)).toBe(false);
    // All white where the truth runs from black to white.
    expect(difference[256]).toBeCloseTo(1, 5);
    expect(difference[511]).toBeCloseTo(0, 5);
    expect(meanError).toBeCloseTo(0.5, 2);
  });
});
