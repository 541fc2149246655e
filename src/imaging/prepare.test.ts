import { describe, expect, it } from 'vitest';
import { lpsAffine, noise, smoothHead } from '../../test/fixtures/volumes.js';
import { createRandom } from '../base/random.js';
import { axisOrders } from './geometry.js';
import { fromAxial } from './orientation.js';
import { prepareMask, prepareVolume } from './prepare.js';
import { defaultRecipe } from './recipe.js';
import { preparedRange } from './record.js';
import { restoreVolume } from './restore.js';
import { type Affine, noOrigin, type Triple, type Volume } from './volume.js';

const exact = { ...defaultRecipe(128), lowPercentile: 0, highPercentile: 100 };
const mini = smoothHead([120, 120, 30], [2, 2, 4]);

describe('prepareVolume', () => {
  it('pads 120 pixels of 2 mm to 128 and scales the brain to [−1, 1]', () => {
    const { slices, brain, count, side, record } = prepareVolume(mini, exact);
    expect([count, side]).toEqual([30, 128]);
    const { low, high } = preparedRange(record);
    for (let k = 0; k < 30; k += 7) {
      for (let row = 0; row < 128; row++) {
        for (let column = 0; column < 128; column++) {
          const at = (k * 128 + row) * 128 + column;
          const inside = row >= 4 && row < 124 && column >= 4 && column < 124;
          const value = inside ? mini.data[column - 4 + 120 * (row - 4 + 120 * k)]! : 0;
          if (brain[at] !== (value === 0 ? 0 : 1)) expect.fail(`brain differs at ${k} ${row} ${column}`);
          const expected = value === 0 ? -1 : (2 * (value - low)) / (high - low) - 1;
          if (Math.abs(slices[at]! - expected) > 1e-6) expect.fail(`slice differs at ${k} ${row} ${column}`);
        }
      }
    }
  });

  it('puts the front of the head at the top and its left side at the right', () => {
    // RAS voxels with two marks: one at the front, one on the left.
    const size: Triple = [64, 64, 4];
    const data = new Float32Array(64 * 64 * 4);
    const mark = (i: number, j: number, value: number): void => {
      for (const di of [0, 1, 2, 3])
        for (const dj of [0, 1, 2, 3]) data[i + di + 64 * (j + dj + 64 * 1)] = value + di;
    };
    mark(30, 56, 100);
    mark(4, 30, 200);
    const ras: Volume = {
      data,
      size,
      affineVoxelToWorld: [4, 0, 0, -126, 0, 4, 0, -126, 0, 0, 4, 0, 0, 0, 0, 1],
      origin: noOrigin,
    };
    const { slices } = prepareVolume(ras, { ...exact, sliceSide: 64 });
    const at = (row: number, column: number): number => slices[(64 + row) * 64 + column]!;
    expect(at(5, 31)).toBeLessThan(-0.9);
    expect(at(5, 31)).toBeGreaterThan(-1);
    expect(at(31, 57)).toBeGreaterThan(0.9);
  });

  it('counts a pixel as brain from half cover on and leaves everything else at exactly −1', () => {
    const { slices, brain } = prepareVolume(smoothHead([240, 240, 6], [1, 1, 20]), defaultRecipe(128));
    let outside = 0;
    slices.forEach((value, i) => {
      if (!brain[i]) {
        outside++;
        if (value !== -1) expect.fail('background is not −1');
      } else if (!(value >= -1 && value <= 1)) expect.fail('out of range');
    });
    expect(outside).toBeGreaterThan(1000);
  });

  const refusals: readonly [string, () => Volume, RegExp][] = [
    [
      'an empty volume',
      () => ({ ...mini, data: new Float32Array(mini.data.length) }),
      /brain\.nii: .*every voxel is 0/,
    ],
    ['a mask', () => ({ ...mini, data: mini.data.map((v) => (v ? 1 : 0)) }), /the brain is 1 throughout/],
    ['a constant volume', () => ({ ...mini, data: mini.data.map(() => 3) }), /the brain is 3 throughout/],
    [
      'NaN voxels',
      () => ({ ...mini, data: mini.data.map((v) => v || Number.NaN) }),
      /that are NaN or infinite.*Set them to 0/,
    ],
    [
      'a head with its skull',
      () => ({ ...mini, data: noise(mini.size, 4) }),
      /expected a skull-stripped volume.*only 0\.0 % of the voxels are exactly 0.*HD-BET/,
    ],
    [
      'a shifted background',
      () => ({ ...mini, data: mini.data.map((v) => v - 7) }),
      /its background is -7, not 0/,
    ],
    [
      'a head that fills the sides',
      () => ({ ...mini, data: mini.data.map((v, i) => (i % 120 < 60 ? 0 : 50 + (i % 7) + v)) }),
      /of the voxels on the sides of the volume are not 0/,
    ],
  ];
  it.each(refusals)('refuses %s', (_, make, message) => {
    expect(() => prepareVolume(make(), defaultRecipe(128), 'brain.nii')).toThrow(message);
  });

  it('says which field of view would hold the brain', () => {
    const wide = smoothHead([150, 150, 10], [2, 2, 14], undefined, [60, 140, 60]);
    expect(() => prepareVolume(wide, defaultRecipe(128))).toThrow(
      /within the 256 mm .* got one that needs 280 mm.*fieldOfViewMm 280/,
    );
    expect(() => prepareVolume(wide, { ...defaultRecipe(128), fieldOfViewMm: 280 })).not.toThrow();
  });

  it('gives a brain that is larger than the field of view larger pixels, up to what the recipe allows', () => {
    const recipe = {
      ...defaultRecipe(192),
      fieldOfViewMm: 192,
      maximumFieldOfViewMm: 224,
      centre: 'foreground',
    } as const;
    const pixelOf = (length: number): number => {
      const volume = smoothHead([220, 260, 6], [1, 1, 18], undefined, [70, length / 2, 60]);
      const { record, slices } = prepareVolume(volume, recipe);
      const { rows, columns } = record.steps[2];
      expect(columns.slice).toEqual(rows.slice);
      // Nothing is cut off: what comes back is the brain, and its values.
      const back = restoreVolume(slices, record, preparedRange(record));
      const errors = back.data.map((value, i) => Math.abs(value - volume.data[i]!));
      expect(errors.reduce((most, value) => Math.max(most, value), 0)).toBeLessThan(60);
      expect(errors.reduce((sum, value) => sum + value, 0) / errors.length).toBeLessThan(1);
      return rows.slice.spacingMm;
    };
    expect(pixelOf(180)).toBe(1);
    expect(pixelOf(206)).toBeGreaterThan(206 / 192 - 0.02);
    expect(pixelOf(206)).toBeLessThan(209 / 192);
    expect(() => pixelOf(240)).toThrow(
      /within the 224 mm around the middle of the patient, got one that needs/,
    );
  });
});

describe('restoreVolume', () => {
  it('gives back the very intensities of a grid that equals the slices', () => {
    const { slices, record } = prepareVolume(mini, exact);
    const back = restoreVolume(slices, record, preparedRange(record));
    expect(back.size).toEqual(mini.size);
    expect(back.affineVoxelToWorld).toEqual(mini.affineVoxelToWorld);
    let worst = 0;
    back.data.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - mini.data[i]!));
    });
    // Single precision on a scale of 800.
    expect(worst).toBeLessThan(5e-4);
    expect(worst).toBeGreaterThan(0);
  });

  it.each<[Triple, Triple, number, number]>([
    [[240, 240, 12], [1, 1, 10], 128, 0.01],
    [[240, 240, 12], [1, 1, 10], 64, 0.02],
    [[171, 193, 12], [1.2, 1.1, 10], 128, 0.01],
    [[80, 80, 12], [3, 3, 10], 128, 0.03],
  ])('comes close on %j pixels of %j mm at side %i', (size, spacing, side, allowed) => {
    const head = smoothHead(size, spacing);
    const { slices, record } = prepareVolume(head, { ...exact, sliceSide: side });
    const range = preparedRange(record);
    const back = restoreVolume(slices, record, range);
    let sum = 0;
    let count = 0;
    back.data.forEach((value, i) => {
      if (head.data[i] === 0) {
        if (value !== 0) expect.fail(`background voxel ${i} is ${value}`);
      } else {
        sum += Math.abs(value - head.data[i]!);
        count++;
      }
    });
    const error = sum / count / (range.high - range.low);
    expect(error).toBeLessThan(allowed);
    expect(error).toBeGreaterThan(allowed / 100);
  });

  it('does not darken the edge of the brain', () => {
    const flat = smoothHead([240, 240, 4], [1, 1, 20]);
    // Two values, so that the volume is not constant: the edge's is 900.
    const data = flat.data.map((v, i) => (v === 0 ? 0 : i % 240 === 120 ? 100 : 900));
    const { slices, record } = prepareVolume({ ...flat, data }, exact);
    const back = restoreVolume(slices, record, preparedRange(record)).data;
    let dark = 0;
    let lit = 0;
    back.forEach((value, i) => {
      if (data[i] !== 900 || Math.abs((i % 240) - 120) < 5) return;
      if (value > 899) lit++;
      else dark++;
    });
    // Corners of the outline that no slice pixel covers by half stay dark.
    expect(dark / lit).toBeLessThan(0.002);
  });

  it('writes the wanted range and 0 outside the brain', () => {
    const { slices, record } = prepareVolume(mini, exact);
    const back = restoreVolume(
      slices.map(() => 0),
      record,
      { low: 100, high: 300 },
    );
    back.data.forEach((value, i) => {
      if (value !== (mini.data[i] === 0 ? 0 : 200)) expect.fail(`voxel ${i} is ${value}`);
    });
    expect(() => restoreVolume(slices.subarray(1), record, { low: 0, high: 1 })).toThrow(
      /expected 30×128×128 values/,
    );
  });

  it('undoes any orientation', () => {
    const head = smoothHead([40, 44, 36], [4, 4, 4]);
    const reference = prepareVolume(head, { ...exact, sliceSide: 64 });
    const random = createRandom(5, 'orientations');
    for (let trial = 0; trial < 12; trial++) {
      const sourceAxis = axisOrders[random.integer(6)]!;
      const mirrored = [random.integer(2) === 1, random.integer(2) === 1, random.integer(2) === 1] as const;
      const size = [0, 0, 0] as [number, number, number];
      const affine = new Array<number>(16).fill(0);
      affine[15] = 1;
      [-4, -4, 4].forEach((step, axial) => {
        const axis = sourceAxis[axial]!;
        size[axis] = head.size[axial]!;
        affine[4 * axial + axis] = mirrored[axial] ? -step : step;
        affine[4 * axial + 3] = mirrored[axial] ? step * (size[axis] - 1) : 0;
      });
      const data = fromAxial(head.data, { sourceSize: size, size: head.size, sourceAxis, mirrored });
      const turned: Volume = { data, size, affineVoxelToWorld: affine as Affine, origin: noOrigin };
      const { slices, record } = prepareVolume(turned, { ...exact, sliceSide: 64 });
      expect(slices.every((value, i) => value === reference.slices[i])).toBe(true);
      const back = restoreVolume(slices, record, preparedRange(record));
      expect(back.size).toEqual(size);
      back.data.forEach((value, i) => {
        if (Math.abs(value - data[i]!) > 1e-3) expect.fail(`trial ${trial}, voxel ${i}`);
      });
    }
  });
});

describe('prepareMask', () => {
  const { record } = prepareVolume(mini, exact);

  it('lies on the image’s slices and takes the labels asked for', () => {
    const data = mini.data.map((_, i) => (i % 120 === 60 ? 2 : i % 120 === 61 ? 1 : 0));
    const tumour = prepareMask({ ...mini, data }, (label) => label === 2, record);
    expect(tumour[(0 * 128 + 4) * 128 + 64]).toBe(1);
    expect(tumour[(0 * 128 + 4) * 128 + 65]).toBe(0);
    expect(tumour.reduce((sum, v) => sum + v, 0)).toBe(120 * 30);
  });

  it('refuses a mask on another grid', () => {
    const other = { ...mini, affineVoxelToWorld: lpsAffine([2, 2, 3], mini.size) };
    expect(() => prepareMask(other, (label) => label > 0, record, 'seg.nii')).toThrow(
      /seg\.nii: expected the grid of its image .*got 120×120×30 at 2×2×3 mm/,
    );
  });
});
