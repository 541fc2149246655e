import { describe, expect, it } from 'vitest';
import { halfToNumber, largestHalf, numberToHalf } from './half.js';

describe('half precision', () => {
  it('gives every number that it holds back to the bit', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = halfToNumber(bits);
      if (Number.isNaN(value)) expect(halfToNumber(numberToHalf(value))).toBeNaN();
      else if (numberToHalf(value) !== bits) expect.fail(`${value}: ${bits} → ${numberToHalf(value)}`);
    }
  });

  it('rounds what lies between two numbers to the nearer, halves to the even one', () => {
    for (const bits of [0x0000, 0x0001, 0x03ff, 0x0400, 0x3bff, 0x3c00, 0x3c01, 0x7bfe]) {
      const [low, high] = [halfToNumber(bits), halfToNumber(bits + 1)];
      const step = high - low;
      expect(numberToHalf(low + 0.49 * step)).toBe(bits);
      expect(numberToHalf(low + 0.51 * step)).toBe(bits + 1);
      expect(numberToHalf(low + 0.5 * step)).toBe(bits % 2 === 0 ? bits : bits + 1);
      expect(numberToHalf(-low - 0.51 * step)).toBe(0x8000 | (bits + 1));
    }
  });

  it('has an infinity beyond its largest number, and no number for none', () => {
    expect(halfToNumber(numberToHalf(largestHalf + 15))).toBe(largestHalf);
    expect(numberToHalf(largestHalf + 16)).toBe(0x7c00);
    expect(numberToHalf(Number.NEGATIVE_INFINITY)).toBe(0xfc00);
    expect(halfToNumber(numberToHalf(Number.NaN))).toBeNaN();
  });
});
