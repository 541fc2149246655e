import { describe, expect, it } from 'vitest';
import type { MaskGrid } from '../metrics/mask-grid.js';
import { describeChange, tumourChange, tumourContrast } from './tumour-change.js';

/** Voxels of 5 mm: 8 of them are 1 ml. */
const grid: MaskGrid = { slices: 16, rows: 16, columns: 16, spacingMm: { slices: 5, rows: 5, columns: 5 } };
const box = (side: number, at: readonly [number, number, number]): Uint8Array =>
  Uint8Array.from({ length: 16 ** 3 }, (_, i) => {
    const place = [Math.floor(i / 256), Math.floor(i / 16) % 16, i % 16];
    return place.every((value, axis) => value >= at[axis]! && value < at[axis]! + side) ? 1 : 0;
  });
const before = box(4, [6, 6, 6]);

describe('what became of a tumour', () => {
  it.each([
    ['the same', box(4, [6, 6, 6]), []],
    // A ball of 8 ml has a radius of 12.4 mm: 5 mm are less than half of it, 10 mm are more.
    ['one voxel aside', box(4, [6, 6, 7]), []],
    ['two voxels aside', box(4, [6, 6, 8]), ['moved']],
    ['27 of 64 voxels around the same middle', box(3, [6, 6, 6]), ['shrank']],
    ['125 of 64 voxels', box(5, [6, 6, 6]), []],
    ['216 of 64 voxels', box(6, [5, 5, 5]), ['grew']],
    ['larger, elsewhere', box(6, [0, 0, 0]), ['grew', 'moved']],
    ['8 of 64 voxels', box(2, [7, 7, 7]), ['shrank']],
    ['1 of 64 voxels', box(1, [7, 7, 7]), ['vanished']],
    ['nothing', box(0, [0, 0, 0]), ['vanished']],
  ])('%s', (_, after, flags) => {
    const change = tumourChange(before, after, grid);
    expect(change.flags).toEqual(flags);
    expect(change.beforeMl).toBe(8);
    expect(change.wasDetected).toBe(true);
  });

  it('has no flags where nothing was detected, but a tumour out of nothing is invented', () => {
    const speck = box(1, [3, 3, 3]);
    expect(tumourChange(speck, box(0, [0, 0, 0]), grid)).toMatchObject({ flags: [], wasDetected: false });
    expect(tumourChange(speck, before, grid)).toMatchObject({ flags: ['invented'], wasDetected: false });
  });

  it('is described in one line', () => {
    const text = describeChange(tumourChange(before, box(6, [0, 0, 0]), grid));
    expect(text).toBe('tumour of 8.0 ml became 27.0 ml (grew, moved by 43 mm)');
    expect(describeChange(tumourChange(before, before, grid))).toBe('tumour of 8.0 ml became 8.0 ml');
  });
});

describe('contrast', () => {
  it('is the tumour’s mean less that of the brain within 10 mm around it', () => {
    const brain = box(16, [0, 0, 0]);
    const near = box(8, [4, 4, 4]);
    const image = Float32Array.from(before, (inside, i) => (inside ? 0.9 : near[i] ? 0.4 : 0.1));
    expect(tumourContrast(image, before, brain, grid)).toBeCloseTo(0.5, 6);
  });

  it('is none without a tumour', () => {
    const nothing = box(0, [0, 0, 0]);
    expect(tumourContrast(new Float32Array(16 ** 3), nothing, box(16, [0, 0, 0]), grid)).toBeNull();
  });
});
