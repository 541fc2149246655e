import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { drawMaskError, jitterMask, type MaskError } from './mask-jitter.js';

const side = 16;
const all = new Uint8Array(side * side).fill(1);
const none: MaskError = { growth: 0, right: 0, down: 0 };
const block = (left: number, top: number, width: number, height: number): Uint8Array =>
  Uint8Array.from(all, (_, i) => {
    const [column, row] = [i % side, Math.floor(i / side)];
    return Number(column >= left && column < left + width && row >= top && row < top + height);
  });

describe('disturbMask', () => {
  const mask = block(5, 6, 4, 3);

  it('leaves a mask as it is where there is no error', () => {
    expect(jitterMask(mask, new Uint8Array(side * side), side, none)).toBe(mask);
  });

  it('adds and removes what is nearer to the border than the growth', () => {
    const by = (growth: number): Uint8Array => jitterMask(mask, all, side, { ...none, growth });
    const count = (some: Uint8Array): number => some.reduce((sum, one) => sum + one, 0);
    // A pixel more on each side, without the corners, which are √2 away.
    expect(count(by(1))).toBe(6 * 5 - 4);
    expect(count(by(1.5))).toBe(6 * 5);
    expect(by(-1)).toEqual(block(6, 7, 2, 1));
    expect(count(by(-2))).toBe(0);
    expect(by(0.9)).toEqual(mask);
  });

  it('shifts by whole pixels and loses what leaves the slice', () => {
    expect(jitterMask(mask, all, side, { growth: 0, right: 2, down: -3 })).toEqual(block(7, 3, 4, 3));
    expect(jitterMask(mask, all, side, { growth: 0, right: -6, down: 0 })).toEqual(block(0, 6, 3, 3));
  });

  it('stays within the brain, and an empty mask stays empty', () => {
    const brain = block(0, 0, 7, side);
    expect(jitterMask(mask, brain, side, { ...none, growth: 2 }).every((one, i) => one <= brain[i]!)).toBe(
      true,
    );
    const empty = new Uint8Array(side * side);
    expect(jitterMask(empty, all, side, { growth: 5, right: 1, down: 1 })).toEqual(empty);
    expect(jitterMask(empty, all, side, { growth: -1, right: 0, down: 0 })).toEqual(empty);
  });
});

it('draws errors in millimetres of the head, over their whole range', () => {
  const draws = Array.from({ length: 300 }, (_, i) =>
    drawMaskError(createRandom('jitter', i), { boundaryMm: 4, shiftMm: 6 }, 2),
  );
  const growths = draws.map(({ growth }) => growth);
  expect(Math.min(...growths)).toBeGreaterThanOrEqual(-2);
  expect(Math.min(...growths)).toBeLessThan(-1.8);
  expect(Math.max(...growths)).toBeLessThanOrEqual(2);
  expect(Math.max(...growths)).toBeGreaterThan(1.8);
  expect(new Set(draws.map(({ right }) => right + 0))).toEqual(new Set([-3, -2, -1, 0, 1, 2, 3]));
});
