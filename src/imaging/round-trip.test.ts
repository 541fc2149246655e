import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { axisOrders, closestAxes, spacingOf } from './geometry.js';
import { prepareVolume } from './prepare.js';
import type { PreparationRecipe } from './recipe.js';
import { preparedRange } from './record.js';
import { restoreVolume } from './restore.js';
import { type Affine, noOrigin, type Triple, type Volume } from './volume.js';

interface Case {
  readonly order: (typeof axisOrders)[number];
  readonly signs: number;
  readonly tilt: number;
  readonly spacing: Triple;
  readonly seed: number;
  readonly shift: Triple;
}

/** Any orientation, tilted up to 25° about a diagonal axis, any spacing, a brain anywhere in a grid of its own. */
const cases: fc.Arbitrary<Case> = fc.record({
  order: fc.constantFrom(...axisOrders),
  signs: fc.nat(7),
  tilt: fc.double({ min: -25, max: 25, noNaN: true }),
  spacing: fc.tuple(spacingArbitrary(), spacingArbitrary(), spacingArbitrary()),
  seed: fc.nat(1e6),
  shift: fc.tuple(
    fc.integer({ min: -3, max: 3 }),
    fc.integer({ min: -3, max: 3 }),
    fc.integer({ min: -2, max: 2 }),
  ),
});

function spacingArbitrary(): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(4, 5, 8), fc.double({ min: 3, max: 9, noNaN: true }));
}

function affineOf({ order, signs, tilt, spacing }: Case): Affine {
  // Rodrigues' rotation about (1, 1, 1)/√3.
  const [c, s] = [Math.cos((tilt * Math.PI) / 180), Math.sin((tilt * Math.PI) / 180)];
  const [t, u] = [(1 - c) / 3, s / Math.sqrt(3)];
  const rotation = [
    [t + c, t - u, t + u],
    [t + u, t + c, t - u],
    [t - u, t + u, t + c],
  ];
  const affine = new Array<number>(16).fill(0);
  affine[15] = 1;
  for (const axis of [0, 1, 2] as const)
    for (const world of [0, 1, 2] as const)
      affine[4 * world + axis] =
        ((signs >> axis) & 1 ? -1 : 1) * spacing[axis] * rotation[world]![order[axis]]!;
  return affine;
}

/** A brain of random intensities, an ellipsoid of about 100 mm. */
function volumeOf(one: Case): Volume {
  const affineVoxelToWorld = affineOf(one);
  const random = createRandom(one.seed, 'values');
  const size = one.spacing.map((mm) => Math.ceil(130 / mm)) as unknown as Triple;
  const data = new Float32Array(size[0] * size[1] * size[2]);
  let at = 0;
  for (let k = 0; k < size[2]; k++)
    for (let j = 0; j < size[1]; j++)
      for (let i = 0; i < size[0]; i++, at++) {
        const away = [i, j, k].map(
          (n, axis) => (n - (size[axis]! - 1) / 2 - one.shift[axis]!) * one.spacing[axis]!,
        );
        if (Math.hypot(away[0]! / 48, away[1]! / 50, away[2]! / 46) < 1)
          data[at] = 100 + 900 * random.uniform();
      }
  return { data, size, affineVoxelToWorld, origin: noOrigin };
}

const recipe = (parts: Partial<PreparationRecipe>): PreparationRecipe => ({
  sliceSide: 32,
  fieldOfViewMm: 192,
  lowPercentile: 0,
  highPercentile: 100,
  ...parts,
});

const roundTrip = (volume: Volume, used: PreparationRecipe): Volume => {
  const { slices, record } = prepareVolume(volume, used);
  return restoreVolume(slices, record, preparedRange(record));
};

/** The least and largest brain value within so many voxels along each axis. */
function boundsAround({ data, size }: Volume, at: number, reach: Triple): readonly [number, number] {
  const [i, j, k] = [at % size[0], Math.floor(at / size[0]) % size[1], Math.floor(at / size[0] / size[1])];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let c = Math.max(0, k - reach[2]); c <= Math.min(size[2] - 1, k + reach[2]); c++)
    for (let b = Math.max(0, j - reach[1]); b <= Math.min(size[1] - 1, j + reach[1]); b++)
      for (let a = Math.max(0, i - reach[0]); a <= Math.min(size[0] - 1, i + reach[0]); a++) {
        const value = data[a + size[0] * (b + size[1] * c)]!;
        if (value === 0) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
  return [low, high];
}

/** How many voxels away another may be that counts for one, along each axis. */
function reachOf({ affineVoxelToWorld }: Volume, used: PreparationRecipe): Triple {
  const pixel = used.fieldOfViewMm / used.sliceSide;
  const slice = used.sliceSpacingMm === 'isotropic' ? pixel : (used.sliceSpacingMm ?? 0);
  const { worldAxis } = closestAxes(affineVoxelToWorld);
  // Interpolation reaches one pixel further than a pixel's own mean, and filled corners some voxels more.
  return spacingOf(affineVoxelToWorld).map(
    (mm, axis) => Math.ceil((2 * (worldAxis[axis] === 2 ? slice : pixel)) / mm) + 3,
  ) as unknown as Triple;
}

describe('prepare, then restore', () => {
  it('gives every voxel back exactly where pixels and slices are the source’s own', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(4, 5, 8), (one, pixel) => {
        const axial = closestAxes(affineOf(one)).worldAxis;
        const spacing = one.spacing.map((mm, axis) => (axial[axis] === 2 ? mm : pixel)) as unknown as Triple;
        const volume = volumeOf({ ...one, spacing });
        // An even count of pixels more or less on both sides: the grids then lie on each other.
        const across = Math.max(...volume.size.filter((_, axis) => axial[axis] !== 2));
        const side = across + 8;
        const back = roundTrip(volume, recipe({ sliceSide: side, fieldOfViewMm: side * pixel }));
        back.data.forEach((value, i) => {
          if (Math.abs(value - volume.data[i]!) > 1e-3)
            expect.fail(`voxel ${i}: ${value} ≠ ${volume.data[i]}`);
        });
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  const resampling: readonly [string, Partial<PreparationRecipe>][] = [
    ['to pixels of 6 mm', {}],
    ['to pixels of 6 mm around the patient', { centre: 'foreground' }],
    ['to isotropic voxels', { sliceSpacingMm: 'isotropic' }],
    ['to slices of 10 mm', { sliceSpacingMm: 10 }],
    ['to slices of 2.5 mm', { sliceSpacingMm: 2.5, sliceSide: 64 }],
  ];
  it.each(resampling)(
    '%s stays within the values around each voxel, and outside the brain is 0',
    (_, parts) => {
      fc.assert(
        fc.property(cases, (one) => {
          const volume = volumeOf(one);
          const used = recipe(parts);
          const back = roundTrip(volume, used);
          expect(back.size).toEqual(volume.size);
          expect(back.affineVoxelToWorld).toBe(volume.affineVoxelToWorld);
          const reach = reachOf(volume, used);
          const random = createRandom(one.seed, 'where');
          back.data.forEach((value, i) => {
            if (volume.data[i] === 0) {
              if (value !== 0) expect.fail(`background voxel ${i} is ${value}`);
              return;
            }
            if (random.uniform() > 0.02) return;
            const [low, high] = boundsAround(volume, i, reach);
            if (value < low - 1e-2 || value > high + 1e-2)
              expect.fail(`voxel ${i}: ${value} outside ${low} to ${high}`);
          });
        }),
        { numRuns: 12, seed: 2 },
      );
    },
  );

  it.each(resampling)(
    '%s gives a constant but for one voxel back as that constant far from it',
    (_, parts) => {
      fc.assert(
        fc.property(cases, (one) => {
          const volume = volumeOf(one);
          const data = volume.data.map((v) => (v === 0 ? 0 : 700));
          const inside = data.indexOf(700);
          data[inside] = 100;
          const back = roundTrip({ ...volume, data }, recipe(parts));
          const [ni, nj] = volume.size;
          const place = (at: number): Triple => [at % ni, Math.floor(at / ni) % nj, Math.floor(at / ni / nj)];
          const odd = place(inside);
          const reach = reachOf(volume, recipe(parts));
          back.data.forEach((value, i) => {
            if (data[i] !== 700 || Math.abs(value - 700) <= 0.05) return;
            // Only what lies around the odd voxel may differ.
            const near = place(i).every((at, axis) => Math.abs(at - odd[axis]!) <= reach[axis]!);
            if (!near) expect.fail(`voxel ${place(i)} is ${value}, far from ${odd}`);
          });
        }),
        { numRuns: 8, seed: 3 },
      );
    },
  );
});
