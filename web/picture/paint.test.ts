import { describe, expect, it } from 'vitest';
import { largestDifference, paintDifference, paintGrey, windowIn } from './paint.js';

describe('greys', () => {
  it('run over the window, and stay at its ends beyond it', () => {
    const out = new Uint8ClampedArray(16);
    paintGrey(Float32Array.of(-5, 10, 15, 99), { low: 10, high: 20 }, 1, out);
    expect([...out]).toEqual([0, 0, 0, 255, 0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255]);
  });

  it('show the whole range at first, half of it around the middle at half the width', () => {
    expect(windowIn({ low: 100, high: 300 }, { level: 0.5, width: 1 })).toEqual({ low: 100, high: 300 });
    expect(windowIn({ low: 100, high: 300 }, { level: 0.5, width: 0.5 })).toEqual({ low: 150, high: 250 });
    expect(windowIn({ low: 100, high: 300 }, { level: 1, width: 0.5 })).toEqual({ low: 250, high: 350 });
  });
});

describe('differences', () => {
  it('are blue where too dark, orange where too bright and clear where there are none', () => {
    const out = new Uint8ClampedArray(16);
    const values = Float32Array.of(-largestDifference, 0, largestDifference, 10);
    paintDifference(values, 1, out);
    const [dark, none, bright, beyond] = [0, 4, 8, 12].map((at) => [...out.subarray(at, at + 4)]);
    expect(dark![2]).toBeGreaterThan(dark![0]!);
    expect(bright![0]).toBeGreaterThan(bright![2]!);
    expect([dark![3], none![3], bright![3]]).toEqual([255, 0, 255]);
    expect(beyond).toEqual(bright);
  });
});
