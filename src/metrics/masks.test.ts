import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { centroidDistanceMm } from './centroid-distance.js';
import { dice } from './dice.js';
import { distanceToMask } from './distance-transform.js';
import { evaluationRegions } from './evaluation-regions.js';
import { hausdorff95Mm } from './hausdorff-distance.js';
import type { MaskGrid } from './mask-grid.js';
import { maskVolumeMl, volumeDifferenceMl } from './mask-volume.js';

interface MaskCase {
  name: string;
  shape: [number, number, number];
  spacing: [number, number, number];
  first: number[];
  second: number[];
  brain: number[];
  ringWidth: number;
  ring: number[];
  distances: number[] | null;
  distanceSum: number | null;
  dice: number;
  hausdorff95: number;
  volume: number;
  volumeDifference: number;
  centroidDistance: number | null;
}

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/evaluation-metrics.json', import.meta.url), 'utf8'),
) as { masks: MaskCase[] };

/** Float64 on both sides; millimetres of some tens. */
const tolerance = 1e-12;
const near = (value: number, wanted: number, within = tolerance) =>
  expect(Math.abs(value - wanted)).toBeLessThan(within);

const gridOf = (shape: readonly number[], spacing: readonly number[]): MaskGrid => {
  const [slices, rows, columns] = shape as [number, number, number];
  const [s, r, c] = spacing as [number, number, number];
  return { slices, rows, columns, spacingMm: { slices: s, rows: r, columns: c } };
};

/** A mask from the lengths of its runs, beginning outside. */
const unrun = (runs: readonly number[]) => Uint8Array.from(runs.flatMap((n, i) => new Array(n).fill(i % 2)));

describe.each(golden.masks)('masks agree with scipy and numpy: $name', (one) => {
  const grid = gridOf(one.shape, one.spacing);
  const first = unrun(one.first);
  const second = unrun(one.second);

  it('distance transform', () => {
    const distances = distanceToMask(first, grid);
    if (!one.distances) return expect(distances.every((value) => value === Infinity)).toBe(true);
    const { rows, columns } = grid;
    const some = distances.filter((_, i) => {
      const [slice, row] = [Math.floor(i / (rows * columns)), Math.floor(i / columns) % rows];
      return slice % 2 === 0 && row % 3 === 0 && (i % columns) % 3 === 0;
    });
    expect(some.length).toBe(one.distances.length);
    some.forEach((value, i) => {
      near(value, one.distances![i]!);
    });
    const sum = distances.reduce((total, value) => total + value, 0);
    near(sum, one.distanceSum!, 1e-12 * one.distanceSum! + tolerance);
  });

  it('overlap, HD95, volumes, centroids', () => {
    near(dice(first, second), one.dice);
    near(hausdorff95Mm(first, second, grid), one.hausdorff95);
    near(hausdorff95Mm(second, first, grid), one.hausdorff95);
    near(maskVolumeMl(first, grid), one.volume);
    near(volumeDifferenceMl(first, second, grid), one.volumeDifference);
    if (one.centroidDistance !== null) near(centroidDistanceMm(first, second, grid), one.centroidDistance);
    else expect(() => centroidDistanceMm(first, second, grid)).toThrow('got an empty mask');
  });

  it('ring around the tumour', () => {
    const regions = evaluationRegions(unrun(one.brain), first, grid, one.ringWidth);
    expect(regions.ring).toEqual(unrun(one.ring));
    const brain = unrun(one.brain);
    expect(regions.brain).toEqual(brain);
    expect(regions.tumour).toEqual(first.map((value, i) => value * brain[i]!));
  });
});

describe('masks by hand', () => {
  const cube = gridOf([3, 3, 3], [1, 1, 1]);

  it('the distance transform is what comparing all pairs of voxels gives', () => {
    const random = createRandom(9, 'masks');
    for (let round = 0; round < 25; round++) {
      const shape = Array.from({ length: 3 }, () => 1 + random.integer(6));
      const spacing = Array.from({ length: 3 }, () => 0.2 + 3 * random.uniform());
      const grid = gridOf(shape, spacing);
      const [slices, rows, columns] = shape as [number, number, number];
      const mask = Uint8Array.from({ length: slices * rows * columns }, () => +(random.uniform() < 0.15));
      const place = (i: number) => [
        Math.floor(i / (rows * columns)),
        Math.floor(i / columns) % rows,
        i % columns,
      ];
      const wanted = Array.from(mask, (_, i) =>
        Math.min(
          ...Array.from(mask, (inside, j) =>
            inside
              ? Math.hypot(...place(i).map((p, axis) => (p - place(j)[axis]!) * spacing[axis]!))
              : Infinity,
          ),
        ),
      );
      distanceToMask(mask, grid).forEach((value, i) => {
        if (wanted[i] === Infinity) expect(value).toBe(Infinity);
        else near(value, wanted[i]!);
      });
    }
  });

  it('HD95 takes the larger direction: a line of 21 voxels against its first', () => {
    const grid = gridOf([1, 1, 30], [1, 1, 2]);
    const line = Uint8Array.from({ length: 30 }, (_, i) => +(i < 21));
    const dot = Uint8Array.from({ length: 30 }, (_, i) => +(i === 0));
    // Line → dot: 0, 2 … 40 mm, 95 % of them 38; dot → line: 0. All 22 pooled would give 37.9.
    expect(hausdorff95Mm(line, dot, grid)).toBeCloseTo(38, 12);
  });

  it('HD95 measures surfaces: a hole inside counts, voxels within do not', () => {
    const full = new Uint8Array(27).fill(1);
    const hollow = full.map((_, i) => (i === 13 ? 0 : 1));
    expect(hausdorff95Mm(full, hollow, cube)).toBe(0);
    expect(hausdorff95Mm(full, full, cube)).toBe(0);
  });

  it('says BraTS’s 373.13 mm for a mask that is missing', () => {
    const size = 155 * 240 * 240;
    const one = new Uint8Array(size);
    one[1000] = 4;
    const grid = gridOf([155, 240, 240], [1, 1, 1]);
    expect(hausdorff95Mm(one, new Uint8Array(size), grid)).toBeCloseTo(373.1287, 4);
  });

  it('ring: a voxel at exactly the width is in it', () => {
    const grid = gridOf([1, 1, 8], [1, 1, 0.7]);
    const tumour = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0);
    const brain = Uint8Array.of(1, 1, 1, 1, 1, 1, 0, 0);
    expect([...evaluationRegions(brain, tumour, grid, 2.1).ring]).toEqual([0, 1, 1, 1, 0, 0, 0, 0]);
    const outside = Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 0);
    const regions = evaluationRegions(brain, outside, grid, 1.5);
    expect([...regions.tumour]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...regions.ring]).toEqual([0, 0, 0, 0, 1, 1, 0, 0]);
  });

  it.each([
    [
      'Dice',
      () => dice(new Uint8Array(3), new Uint8Array(4)),
      'Dice: expected two masks of one shape, got 3 and 4 voxels',
    ],
    [
      'shape',
      () => hausdorff95Mm(new Uint8Array(27), new Uint8Array(9), cube),
      'expected masks of 3×3×3 voxels, got 9',
    ],
    [
      'grid',
      () => distanceToMask(new Uint8Array(0), gridOf([0, 3, 3], [1, 1, 1])),
      'at least 1×1×1 voxels, got 0×3×3',
    ],
    [
      'spacing',
      () => maskVolumeMl(new Uint8Array(27), gridOf([3, 3, 3], [1, -1, 1])),
      'positive spacings in millimetres, got 1×-1×1',
    ],
    ['NaN', () => maskVolumeMl(new Uint8Array(27), gridOf([3, 3, 3], [1, Number.NaN, 1])), 'got 1×NaN×1'],
    [
      'width',
      () => evaluationRegions(new Uint8Array(27), new Uint8Array(27), cube, 0),
      'expected a width in millimetres above 0, got 0',
    ],
    [
      'no brain',
      () => evaluationRegions(new Uint8Array(27), new Uint8Array(27), cube, 1),
      'expected a brain with a voxel inside',
    ],
  ] as const)('refuses ill input: %s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});
