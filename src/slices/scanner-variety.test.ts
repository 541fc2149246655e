import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { darkestBrain } from '../imaging/prepare.js';
import { disturbs, drawScanner, type Scanner, sameScanner, scan } from './scanner-variety.js';

const side = 32;
const brain = Uint8Array.from({ length: side ** 2 }, (_, i) =>
  Number(Math.hypot((i % side) - 15.5, Math.floor(i / side) - 15.5) < 12),
);
/** A brain of one intensity v on [0, 1]. */
const flat = (v: number): Float32Array => Float32Array.from(brain, (inside) => (inside ? 2 * v - 1 : -1));
const drawn = (key: number, variety = { biasField: 0.5, sourceGamma: 0 }): Scanner =>
  drawScanner(createRandom('scanner', key), variety);
const many = Array.from({ length: 40 }, (_, key) => drawn(key));
/** The field of a scanner, from a brain in whose half intensity nothing is cut off. */
const fieldOf = (scanner: Scanner): Float32Array =>
  scan({ image: flat(0.5), brain }, side, scanner).map((value, i) => (brain[i] ? value + 1 : 1));

describe('a bias field', () => {
  it('leaves background and empty slices as they are, exactly', () => {
    for (const scanner of many) {
      const seen = scan({ image: flat(0.5), brain }, side, scanner);
      seen.forEach((value, i) => {
        if (!brain[i]) expect(value).toBe(-1);
      });
    }
    const nothing = { image: new Float32Array(side ** 2).fill(-1), brain: new Uint8Array(side ** 2) };
    expect(scan(nothing, side, many[0]!)).toEqual(nothing.image);
  });

  it('lies between 1/(1 + biasField) and 1 + biasField, reaches its strength and is 1 on geometric average', () => {
    for (const scanner of many) {
      const logarithms = [...fieldOf(scanner)].flatMap((value, i) => (brain[i] ? [Math.log(value)] : []));
      const largest = Math.max(...logarithms.map(Math.abs));
      expect(largest).toBeCloseTo(scanner.strength, 5);
      expect(largest).toBeLessThanOrEqual(Math.log(1.5) + 1e-6);
      expect(logarithms.reduce((sum, one) => sum + one, 0) / logarithms.length).toBeCloseTo(0, 5);
    }
    expect(Math.max(...many.map(({ strength }) => strength))).toBeGreaterThan(0.9 * Math.log(1.5));
  });

  it('is smooth: a polynomial of degree 3 at most along rows and columns', () => {
    for (const scanner of many) {
      const field = fieldOf(scanner).map(Math.log);
      for (const step of [1, side]) {
        for (let i = 0; i + 4 * step < field.length; i++) {
          const five = [0, 1, 2, 3, 4].map((k) => i + k * step);
          if (!five.every((at) => brain[at] === 1)) continue;
          const [a, b, c, d, e] = five.map((at) => field[at]!) as [number, number, number, number, number];
          const fourth = Math.abs(a - 4 * b + 6 * c - 4 * d + e);
          if (fourth > 1e-5) expect(fourth, `${i}`).toBeLessThan(1e-5);
        }
      }
    }
  });

  it('is the same for the same seed and another for another', () => {
    expect(fieldOf(drawn(3))).toEqual(fieldOf(many[3]!));
    expect(fieldOf(drawn(3))).not.toEqual(fieldOf(drawn(4)));
  });

  it('keeps values in (−1, 1] in the brain, which stays apart from the background', () => {
    for (const v of [2 ** -21, 0.9, 1]) {
      const seen = scan({ image: flat(v), brain }, side, drawn(1, { biasField: 1, sourceGamma: 1 }));
      seen.forEach((value, i) => {
        if (!brain[i]) return;
        expect(value).toBeGreaterThanOrEqual(darkestBrain);
        expect(value).toBeLessThanOrEqual(1);
      });
    }
  });
});

it('sourceGamma raises intensities on [0, 1] to a power', () => {
  const seen = scan({ image: flat(0.5), brain }, side, { strength: 0, coefficients: [], gamma: 2 });
  seen.forEach((value, i) => {
    expect(value).toBeCloseTo(brain[i] ? 2 * 0.25 - 1 : -1, 6);
  });
  const powers = Array.from({ length: 200 }, (_, key) => drawn(key, { biasField: 0, sourceGamma: 1 }).gamma);
  expect(Math.min(...powers)).toBeGreaterThanOrEqual(0.5);
  expect(Math.min(...powers)).toBeLessThan(0.55);
  expect(Math.max(...powers)).toBeLessThanOrEqual(2);
  expect(Math.max(...powers)).toBeGreaterThan(1.8);
});

it('draws each option by itself: one that is off changes no other', () => {
  const [both, field, gamma] = [
    { biasField: 0.3, sourceGamma: 0.4 },
    { biasField: 0.3, sourceGamma: 0 },
    { biasField: 0, sourceGamma: 0.4 },
  ].map((variety) => drawn(5, variety)) as [Scanner, Scanner, Scanner];
  expect(field).toEqual({ ...both, gamma: 1 });
  expect(gamma).toEqual({ ...both, strength: 0 });
});

it('leaves a slice as it is where nothing is asked', () => {
  const image = flat(0.7);
  expect(scan({ image, brain }, side, drawn(1, sameScanner))).toBe(image);
  expect(disturbs(sameScanner)).toBe(false);
  expect(disturbs({ biasField: 0.1, sourceGamma: 0 })).toBe(true);
});
