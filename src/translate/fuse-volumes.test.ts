import { describe, expect, it } from 'vitest';
import { noOrigin, type Volume } from '../imaging/volume.js';
import { fuseVolumes } from './fuse-volumes.js';

const affineVoxelToWorld = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1];
const volume = (...values: number[]): Volume => ({
  data: Float32Array.from(values),
  size: [values.length, 1, 1],
  affineVoxelToWorld,
  origin: noOrigin,
});

describe('fuseVolumes', () => {
  it('weighs on the scale of 0 to 1 and gives intensities back, background where no source has brain', () => {
    const sources = [
      { where: 'a', volume: volume(100, 200, -5, -5), brain: Uint8Array.of(1, 1, 0, 0) },
      { where: 'b', volume: volume(300, 200, 250, -5), brain: Uint8Array.of(7, 1, 1, 0) },
    ];
    // Means of 0.25, 0.25 on the range of 100 to 500: the third part of eight.
    const weights = Array.from({ length: 8 }, (_, bin) => (bin === 2 ? [0.75, 0.25] : [5, -4]));
    const { fused, spread } = fuseVolumes(sources, weights, { low: 100, high: 500 }, -5);
    expect([...fused.data]).toEqual([150, 200, 250, -5]);
    expect([...spread.data]).toEqual([100, 0, 0, 0]);
  });

  it('refuses translations on different grids', () => {
    const brain = Uint8Array.of(1, 1);
    const far = { ...volume(1, 1), affineVoxelToWorld: affineVoxelToWorld.with(3, 40) };
    expect(() =>
      fuseVolumes(
        [
          { where: 't1', volume: volume(1, 1), brain },
          { where: 't2', volume: far, brain },
        ],
        null,
        { low: 0, high: 1 },
        0,
      ),
    ).toThrow('t2: expected the grid of t1');
  });
});
