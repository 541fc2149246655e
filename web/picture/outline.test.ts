import { describe, expect, it } from 'vitest';
import { outlineOf } from './outline.js';

/** How often each end of a segment occurs. */
function endsOf(values: readonly number[], width: number, height: number): Map<string, number> {
  const ends = new Map<string, number>();
  for (const [x1, y1, x2, y2] of outlineOf(Float32Array.from(values), width, height))
    for (const end of [`${x1} ${y1}`, `${x2} ${y2}`]) ends.set(end, (ends.get(end) ?? 0) + 1);
  return ends;
}

describe('an outline', () => {
  it('goes around a single pixel halfway to its neighbours', () => {
    const ends = endsOf([0, 0, 0, 0, 4, 0, 0, 0, 0], 3, 3);
    expect([...ends.keys()].sort()).toEqual(['0.5 1', '1 0.5', '1 1.5', '1.5 1']);
  });

  it('is closed wherever the mask lies, the border included', () => {
    const masks = [
      [1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1],
      [0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 1],
      [1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 0, 1],
    ];
    for (const mask of masks) for (const count of endsOf(mask, 4, 3).values()) expect(count % 2).toBe(0);
  });

  it('is empty without a mask', () => {
    expect(outlineOf(new Float32Array(9), 3, 3)).toEqual([]);
  });
});
