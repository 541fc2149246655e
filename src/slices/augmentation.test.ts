import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { darkestBrain } from '../imaging/prepare.js';
import { drawVariation, noAugmentation, type Variation, varySlice } from './augmentation.js';
import type { StoredSlice } from './slice-store.js';

const side = 32;
const still: Variation = drawVariation(createRandom(1), noAugmentation, false);

/** A disc of brain with a ramp of intensities from left to right and a rectangle of tumour. */
const slice: StoredSlice = sliceOf((column, row) => ({
  brain: Math.hypot(column - 15.5, row - 15.5) < 11,
  value: column / 31,
  mask: column >= 18 && column < 22 && row >= 10 && row < 18,
}));

function sliceOf(
  at: (column: number, row: number) => { brain: boolean; value: number; mask: boolean },
): StoredSlice {
  const pixels = Array.from({ length: side * side }, (_, i) => at(i % side, Math.floor(i / side)));
  return {
    image: Float32Array.from(pixels, ({ brain, value }) => (brain ? 2 * value - 1 : -1)),
    mask: Uint8Array.from(pixels, ({ mask }) => Number(mask)),
    brain: Uint8Array.from(pixels, ({ brain }) => Number(brain)),
  };
}

const count = (values: Uint8Array): number => values.reduce((sum, value) => sum + value, 0);

it('leaves a slice as it is where nothing is asked', () => {
  expect(still).toMatchObject({ mirrored: false, zoom: 1, gamma: 1, gain: 1 });
  expect(varySlice(slice, side, still)).toBe(slice);
});

it('turns by a quarter as an exact permutation of pixels', () => {
  const turned = varySlice(slice, side, { ...still, rotation: Math.PI / 2 });
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      // A positive angle turns the slice clockwise on the screen: what was at the top goes to the right.
      const [from, to] = [row * side + column, column * side + (side - 1 - row)];
      expect(turned.image[to]).toBeCloseTo(slice.image[from]!, 5);
      expect(turned.mask[to]).toBe(slice.mask[from]);
      expect(turned.brain[to]).toBe(slice.brain[from]);
    }
  }
});

it('shifts image and masks alike, and fills with background', () => {
  const shifted = varySlice(slice, side, { ...still, shift: { right: 4 / side, down: -2 / side } });
  for (let row = 0; row < side - 2; row++) {
    for (let column = 4; column < side; column++) {
      const [to, from] = [row * side + column, (row + 2) * side + column - 4];
      expect(shifted.image[to]).toBeCloseTo(slice.image[from]!, 5);
      expect(shifted.mask[to]).toBe(slice.mask[from]);
    }
  }
  expect(shifted.image.subarray(30 * side).every((value) => value === -1)).toBe(true);
});

it('enlarges by the square of the zoom', () => {
  const enlarged = varySlice(slice, side, { ...still, zoom: 1.25 });
  expect(count(enlarged.brain) / count(slice.brain)).toBeGreaterThan(1.25 ** 2 - 0.1);
  expect(count(enlarged.brain) / count(slice.brain)).toBeLessThan(1.25 ** 2 + 0.1);
  // The ramp is less steep by the same factor: 15.5 is the centre.
  const at = (column: number): number => (enlarged.image[15 * side + column]! + 1) / 2;
  expect((at(20) - at(10)) / (10 / 31)).toBeCloseTo(1 / 1.25, 3);
});

it('mixes no background into the edge of the brain', () => {
  const flat = sliceOf((column, row) => ({
    brain: Math.hypot(column - 15.5, row - 15.5) < 11,
    value: 0.8,
    mask: false,
  }));
  const { image, brain } = varySlice(flat, side, { ...still, rotation: 0.3, zoom: 1.1 });
  image.forEach((value, i) => {
    expect(value).toBeCloseTo(brain[i] ? 0.6 : -1, 5);
  });
});

it('regrades intensities on the scale from 0 to 1 and keeps background', () => {
  const { image, mask } = varySlice(slice, side, { ...still, gamma: 2, gain: 1.5 });
  expect(mask).toBe(slice.mask);
  slice.image.forEach((before, i) => {
    const expected = Math.min(1, 1.5 * ((before + 1) / 2) ** 2);
    expect((image[i]! + 1) / 2).toBeCloseTo(expected, 5);
  });
});

it('keeps the darkest of the brain apart from the background', () => {
  const dark = sliceOf((column, row) => ({
    brain: Math.hypot(column - 15.5, row - 15.5) < 11,
    value: 2 ** -21,
    mask: false,
  }));
  const { image } = varySlice(dark, side, { ...still, gamma: 3, gain: 0.5 });
  image.forEach((value, i) => {
    expect(value).toBe(dark.brain[i] ? darkestBrain : -1);
  });
});

describe('drawVariation', () => {
  const asked = { rotationDegrees: 10, zoom: 0.1, shift: 0.05, gamma: 0.3, gain: 0.2 };
  const many = Array.from({ length: 400 }, (_, i) =>
    drawVariation(createRandom('draw', i), asked, i % 2 === 0),
  );

  it.each([
    ['rotation', (one: Variation) => one.rotation, (-10 * Math.PI) / 180, (10 * Math.PI) / 180],
    ['zoom', (one: Variation) => one.zoom, 1 / 1.1, 1.1],
    ['shift', (one: Variation) => one.shift.down, -0.05, 0.05],
    ['gamma', (one: Variation) => one.gamma, 1 / 1.3, 1.3],
    ['gain', (one: Variation) => one.gain, 1 / 1.2, 1.2],
  ] as const)('draws %s over its whole range', (_, of, low, high) => {
    const values = many.map(of).sort((a, b) => a - b);
    const room = (high - low) / 20;
    expect(values[0]).toBeGreaterThanOrEqual(low);
    expect(values[0]).toBeLessThan(low + room);
    expect(values.at(-1)).toBeLessThanOrEqual(high);
    expect(values.at(-1)).toBeGreaterThan(high - room);
  });

  it('draws each option by itself: one that is off changes no other', () => {
    const without = drawVariation(createRandom('draw', 0), { ...asked, zoom: 0, shift: 0 }, true);
    expect(without).toEqual({ ...many[0], zoom: 1, shift: { right: 0, down: 0 } });
  });
});
