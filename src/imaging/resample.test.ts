import { describe, expect, it } from 'vitest';
import { axisWeights, centredGrids, resampleSlices } from './resample.js';

/** The weights as a matrix [to, from]. */
function matrix(weights: ReturnType<typeof axisWeights>): number[][] {
  return Array.from({ length: weights.to }, (_, row) => {
    const out = new Array<number>(weights.from).fill(0);
    for (let w = weights.begin[row]!, n = weights.first[row]!; w < weights.begin[row + 1]!; w++, n++) {
      out[n] = weights.weights[w]!;
    }
    return out;
  });
}

describe('from native pixels to a slice', () => {
  const inward = (count: number, spacing: number, side: number, view = 256) => {
    const { native, slice } = centredGrids(count, spacing, side, view);
    return matrix(axisWeights(native, slice));
  };

  it('120 pixels of 2 mm in 128 are padded by 4 on each side', () => {
    const expected = Array.from({ length: 128 }, (_, row) =>
      Array.from({ length: 120 }, (_, column) => (column === row - 4 ? 1 : 0)),
    );
    expect(inward(120, 2, 128)).toEqual(expected);
    // 1.9999998 is 2 mm after a trip through single precision.
    expect(inward(120, 1.9999998, 128)).toEqual(expected);
  });

  it.each([
    [240, 1, 128, 2, 4],
    [240, 1, 64, 4, 2],
    [120, 2, 64, 2, 2],
  ])('%i pixels of %f mm in %i are means of %i', (count, spacing, side, factor, margin) => {
    const expected = Array.from({ length: side }, (_, row) =>
      Array.from({ length: count }, (_, column) =>
        Math.floor(column / factor) === row - margin ? 1 / factor : 0,
      ),
    );
    expect(inward(count, spacing, side)).toEqual(expected);
  });

  it('an odd number of fine pixels still falls on whole pixels', () => {
    const rows = inward(155, 1, 128);
    expect(new Set(rows.flat())).toEqual(new Set([0, 0.5]));
  });

  it.each([
    [240, 0.9375, 128],
    [512, 0.43, 64],
    [181, 1.2, 96],
  ])('%i pixels of %f mm in %i keep the integral', (count, spacing, side) => {
    const rows = inward(count, spacing, side);
    const pixel = 256 / side;
    for (let column = 0; column < count; column++) {
      const total = rows.reduce((sum, row) => sum + row[column]!, 0) * pixel;
      expect(total).toBeCloseTo(spacing, 4);
    }
  });

  it('coarse pixels are interpolated', () => {
    const rows = inward(4, 4, 8, 16);
    expect(rows[3]).toEqual([0, 0.75, 0.25, 0]);
    expect(rows[0]).toEqual([1, 0, 0, 0]);
  });
});

describe('from a slice to native pixels', () => {
  it('reproduces a straight line between the outermost centres', () => {
    const { native, slice } = centredGrids(24, 0.7, 8, 16);
    const outward = axisWeights(slice, native);
    const line = Float32Array.from({ length: 8 }, (_, n) => (n + 0.5) * 2);
    const one = {
      ...axisWeights({ count: 1, spacingMm: 1, startMm: 0 }, { count: 1, spacingMm: 1, startMm: 0 }),
    };
    const out = resampleSlices(line, 1, one, outward);
    out.forEach((value, n) => {
      const centre = native.startMm + (n + 0.5) * 0.7;
      if (centre > 1 && centre < 15) expect(value).toBeCloseTo(centre, 5);
    });
  });
});

describe('resampleSlices', () => {
  it('works on rows and columns independently', () => {
    const half = axisWeights({ count: 4, spacingMm: 1, startMm: 0 }, { count: 2, spacingMm: 2, startMm: 0 });
    const same = axisWeights({ count: 2, spacingMm: 1, startMm: 0 }, { count: 2, spacingMm: 1, startMm: 0 });
    const data = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect(Array.from(resampleSlices(data, 1, same, half))).toEqual([1.5, 3.5, 5.5, 7.5]);
    expect(Array.from(resampleSlices(data, 1, half, same))).toEqual([2, 3, 6, 7]);
  });

  const axes = {
    finer: [
      { count: 12, spacingMm: 2, startMm: 1 },
      { count: 24, spacingMm: 1.1, startMm: 0 },
    ],
    coarser: [
      { count: 12, spacingMm: 1, startMm: 0.3 },
      { count: 9, spacingMm: 1.5, startMm: -1 },
    ],
  } as const;

  it.each([
    ['finer', 'finer'],
    ['finer', 'coarser'],
    ['coarser', 'finer'],
    ['coarser', 'coarser'],
  ] as const)('leaves nothing out around what a slice holds: rows %s, columns %s', (down, across) => {
    const weights = ([from, to]: (typeof axes)[typeof down]) => axisWeights(from, to);
    const [rows, columns] = [weights(axes[down]), weights(axes[across])];
    const boxes = [
      [0, 12, 0, 12],
      [3, 5, 7, 8],
      [0, 1, 11, 12],
      [11, 12, 0, 12],
      [5, 5, 5, 5],
    ] as const;
    const data = new Float32Array(boxes.length * 144);
    boxes.forEach(([top, bottom, left, right], k) => {
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++)
          // Holes inside: not every value of the box is other than 0.
          data[k * 144 + row * 12 + column] = (row + column) % 3 === 1 ? 0 : row - 2 * column + 0.5;
    });
    const weightOf = ({ first, begin, weights }: typeof rows, pixel: number, old: number): number => {
      const at = begin[pixel]! + old - first[pixel]!;
      return at >= begin[pixel]! && at < begin[pixel + 1]! ? weights[at]! : 0;
    };
    const got = resampleSlices(data, boxes.length, rows, columns);
    for (let i = 0; i < got.length; i++) {
      const column = i % columns.to;
      const row = Math.floor(i / columns.to) % rows.to;
      const k = Math.floor(i / columns.to / rows.to);
      let sum = 0;
      for (let old = 0; old < 144; old++)
        sum +=
          weightOf(rows, row, Math.floor(old / 12)) *
          weightOf(columns, column, old % 12) *
          data[k * 144 + old]!;
      expect(got[i]).toBeCloseTo(sum, 5);
    }
  });
});
