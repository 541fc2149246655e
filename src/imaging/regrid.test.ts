import { describe, expect, it } from 'vitest';
import { lpsAffine, noise, smoothHead } from '../../test/fixtures/volumes.js';
import { largestWithoutHoles } from './components.js';
import { fillFromNeighbours } from './fill.js';
import { axisCodes, obliquenessOf, toWorld } from './geometry.js';
import { overlap, whyNotRegistered } from './registration.js';
import { boxOf, invert, regrid, straightGrid } from './regrid.js';
import { type Affine, noOrigin, type Triple, type Volume } from './volume.js';

/** Turned by 30° around z, anisotropic, moved. */
const turned: Affine = [
  ...[Math.cos(Math.PI / 6) * 2, -Math.sin(Math.PI / 6) * 3, 0, 10],
  ...[Math.sin(Math.PI / 6) * 2, Math.cos(Math.PI / 6) * 3, 0, -20],
  ...[0, 0, 4, 30, 0, 0, 0, 1],
];

describe('invert', () => {
  it('brings world places back to their voxels', () => {
    const back = toWorld(invert(turned), toWorld(turned, [3, 4, 5]));
    back.forEach((value, axis) => {
      expect(value).toBeCloseTo([3, 4, 5][axis]!, 10);
    });
    expect(() => invert(turned.map((v, i) => (i % 4 === 1 ? 0 : v)))).toThrow('axes that fall together');
  });
});

describe('regrid', () => {
  it('gives a volume back on its own grid, whatever the method', () => {
    const volume: Volume = {
      data: noise([4, 5, 6], 1),
      size: [4, 5, 6],
      affineVoxelToWorld: turned,
      origin: noOrigin,
    };
    for (const method of ['nearest', 'linear'] as const) {
      const again = regrid(volume, volume, method, 7).data;
      again.forEach((value, i) => {
        expect(value).toBeCloseTo(volume.data[i]!, 4);
      });
    }
  });

  it('interpolates a ramp exactly and fills what lies beyond', () => {
    const ramp = Float32Array.from({ length: 24 }, (_, n) => (n % 4) + 10 * (Math.floor(n / 4) % 3));
    const volume: Volume = {
      data: ramp,
      size: [4, 3, 2],
      affineVoxelToWorld: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
      origin: noOrigin,
    };
    const fine = regrid(
      volume,
      { size: [8, 1, 1], affineVoxelToWorld: [1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1] },
      'linear',
      -1,
    );
    expect([...fine.data]).toEqual([5, 5.5, 6, 6.5, 7, 7.5, 8, -1]);
  });

  it('lays a straight grid with the wanted axes around a turned volume', () => {
    const volume: Volume = {
      data: noise([20, 20, 10], 1),
      size: [20, 20, 10],
      affineVoxelToWorld: turned,
      origin: noOrigin,
    };
    const grid = straightGrid(volume, 'LIA', 1);
    expect(axisCodes(grid.affineVoxelToWorld)).toBe('LIA');
    expect(obliquenessOf(grid.affineVoxelToWorld)).toBe(0);
    expect(obliquenessOf(turned)).toBeCloseTo(30, 5);
    // x: 40 cos 30° + 60 sin 30° = 64.6; y: 40 sin 30° + 60 cos 30° = 72.0 (rounded up); z: 40.
    expect(grid.size).toEqual([65, 40, 72]);
    const middle = (g: typeof grid): Triple =>
      toWorld(
        g.affineVoxelToWorld,
        g.size.map((n) => (n - 1) / 2),
      );
    middle(grid).forEach((value, axis) => {
      expect(value).toBeCloseTo(middle(volume)[axis]!, 9);
    });
    expect(toWorld(boxOf(grid, [-3, 0, 2], [5, 5, 5]).affineVoxelToWorld, [3, 0, 0])).toEqual(
      toWorld(grid.affineVoxelToWorld, [0, 0, 2]),
    );
  });
});

describe('largestWithoutHoles', () => {
  it('keeps the largest part and fills what it encloses', () => {
    const size: Triple = [9, 7, 5];
    const at = (i: number, j: number, k: number): number => i + 9 * (j + 7 * k);
    const mask = new Uint8Array(9 * 7 * 5);
    for (let k = 1; k < 4; k++) for (let j = 1; j < 6; j++) for (let i = 1; i < 5; i++) mask[at(i, j, k)] = 1;
    const whole = mask.slice();
    mask[at(2, 3, 2)] = 0;
    mask[at(7, 3, 2)] = 1;
    mask[at(5, 6, 4)] = 1;
    expect(largestWithoutHoles(mask, size)).toEqual(whole);
    expect(largestWithoutHoles(new Uint8Array(315), size)).toEqual(new Uint8Array(315));
  });
});

describe('fillFromNeighbours', () => {
  it('spreads known values over the brain, layer by layer, and leaves islands and background', () => {
    const values = Float32Array.of(4, 0, 0, 8, 0, 3, 9);
    const brain = Uint8Array.of(1, 1, 1, 1, 0, 1, 0);
    fillFromNeighbours(values, brain, (i) => i === 0 || i === 3 || i === 6, [7, 1, 1]);
    expect([...values]).toEqual([4, 4, 8, 8, 0, 3, 9]);
  });
});

describe('whyNotRegistered', () => {
  const size: Triple = [40, 40, 20];
  const head = smoothHead(size, [4, 4, 6]);
  const brain = head.data.map((v) => (v ? 1 : 0));
  const on = { size, affineVoxelToWorld: head.affineVoxelToWorld, brain: Uint8Array.from(brain) };

  it('accepts the same head, also cut out a little tighter', () => {
    const tighter = smoothHead(size, [4, 4, 6], undefined, [58, 73, 54]).data.map((v) => (v ? 1 : 0));
    expect(whyNotRegistered(on, { ...on, brain: Uint8Array.from(tighter) })).toBeUndefined();
  });

  it('names other grids and heads that were moved by 12 mm', () => {
    const moved = Uint8Array.from(brain.map((_, i) => brain[i - 3] ?? 0));
    expect(overlap(on.brain, moved)).toBeLessThan(0.93);
    expect(whyNotRegistered(on, { ...on, brain: moved })).toMatch(/overlap by 0\.\d\d \(Dice\) only/);
    expect(whyNotRegistered(on, { ...on, affineVoxelToWorld: lpsAffine([4, 4, 5], size) })).toMatch(
      /the grids differ: 40×40×20 at 4×4×6 mm.* and 40×40×20 at 4×4×5 mm/,
    );
  });
});
