import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Volume } from '../../src/imaging/volume.js';

/** The largest difference of two volumes, relative to the largest value. */
export function largestDifference(a: Volume, b: Volume): number {
  expect(a.data.length).toBe(b.data.length);
  let [difference, largest] = [0, 0];
  b.data.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(a.data[i]! - value));
    largest = Math.max(largest, Math.abs(value));
  });
  expect(largest).toBeGreaterThan(0);
  return difference / largest;
}

/** For each tile: whether its name says that it is synthetic, and how many pixels have the colour of the mark. */
export function amberPixels(page: Page): Promise<{ readonly synthetic: boolean; readonly amber: number }[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLCanvasElement>('canvas.tile')].map((tile) => {
      const { data } = tile.getContext('2d')!.getImageData(0, 0, tile.width, tile.height);
      let amber = 0;
      for (let i = 0; i < data.length; i += 4)
        if (data[i] === 255 && data[i + 1] === 180 && data[i + 2] === 58) amber++;
      return { synthetic: (tile.ariaLabel ?? '').includes('synthetic'), amber };
    }),
  );
}
