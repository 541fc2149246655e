import { describe, expect, it } from 'vitest';
import { noise } from '../../test/fixtures/volumes.js';
import { createRandom } from '../base/random.js';
import {
  axisCodes,
  axisOrders,
  describeGrid,
  requireSameGrid,
  sameGrid,
  spacingOf,
  toWorld,
} from './geometry.js';
import { axialOrderOf, fromAxial, toAxial } from './orientation.js';
import type { Affine, Triple } from './volume.js';

/** All 48 ways to lay voxel axes along world axes, each slightly turned. */
const orientations = axisOrders.flatMap((order) =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((signs) => {
    const random = createRandom(signs, order.join(''));
    const affine = new Array<number>(16).fill(0);
    affine[15] = 1;
    for (const axis of [0, 1, 2] as const) {
      const spacing = 0.8 + random.uniform();
      for (const world of [0, 1, 2]) {
        const main = order[axis] === world ? ((signs >> axis) & 1 ? -1 : 1) : 0;
        affine[4 * world + axis] = spacing * (main + 0.15 * (random.uniform() - 0.5));
      }
    }
    return { name: axisCodes(affine), affine: affine as Affine };
  }),
);

describe('axial order', () => {
  it('is exercised in all 48 orientations', () => {
    expect(new Set(orientations.map(({ name }) => name)).size).toBe(48);
  });

  it.each(orientations)('from $name runs to the left, to the back and to the top', ({ affine }) => {
    const size: Triple = [3, 4, 5];
    const order = axialOrderOf(size, affine);
    // The source's index of each voxel, brought into axial order, tells where that voxel came from.
    const index = toAxial(
      Float32Array.from({ length: 60 }, (_, n) => n),
      order,
    );
    const world = (axial: number): Triple => {
      const n = index[axial]!;
      return toWorld(affine, [n % 3, Math.floor(n / 3) % 4, Math.floor(n / 12)]);
    };
    const origin = world(0);
    const [columns, rows] = order.size;
    expect(world(1)[0]).toBeLessThan(origin[0]);
    expect(world(columns)[1]).toBeLessThan(origin[1]);
    expect(world(columns * rows)[2]).toBeGreaterThan(origin[2]);
  });

  it.each(orientations)('from $name is undone exactly', ({ affine }) => {
    const size: Triple = [5, 3, 4];
    const data = noise(size, 3);
    const order = axialOrderOf(size, affine);
    expect(fromAxial(toAxial(data, order), order)).toEqual(data);
    const bytes = Uint8Array.from(data, (value) => (value > 0 ? 1 : 0));
    expect(fromAxial(toAxial(bytes, order), order)).toEqual(bytes);
  });

  it('leaves BraTS volumes, which are LPS, where they are', () => {
    const data = noise([2, 3, 4], 1);
    expect(toAxial(data, axialOrderOf([2, 3, 4], [-1, 0, 0, 0, 0, -1, 0, 239, 0, 0, 1, 0, 0, 0, 0, 1]))).toBe(
      data,
    );
  });
});

describe('geometry', () => {
  const affine: Affine = [0, -2, 0, 10, 3, 0, 0, 20, 0, 0, 5, 30, 0, 0, 0, 1];

  it('derives spacing and letters from the affine', () => {
    expect(spacingOf(affine)).toEqual([3, 2, 5]);
    expect(axisCodes(affine)).toBe('ALS');
    expect(describeGrid({ size: [4, 5, 6], affineVoxelToWorld: affine })).toBe(
      '4×5×6 at 3×2×5 mm, ALS, origin 10 20 30',
    );
  });

  it('takes grids as the same up to rounding only', () => {
    const grid = { size: [100, 100, 50] as Triple, affineVoxelToWorld: affine };
    const moved = (by: number) => ({
      ...grid,
      affineVoxelToWorld: affine.map((v, i) => (i === 3 ? v + by : v)),
    });
    expect(sameGrid(grid, moved(0.001))).toBe(true);
    expect(sameGrid(grid, moved(0.1))).toBe(false);
    const turned = { ...grid, affineVoxelToWorld: affine.map((v, i) => (i === 0 ? 0.01 : v)) };
    expect(sameGrid(grid, turned)).toBe(false);
    expect(() => requireSameGrid({ t1: grid, t2: moved(1) })).toThrow(
      /t2: expected the grid of t1 .*origin 10 20 30.*origin 11 20 30.*Register/,
    );
    expect(() => requireSameGrid({ t1: grid, t2: { ...grid, size: [100, 100, 51] } })).toThrow(
      /got 100×100×51/,
    );
  });
});
