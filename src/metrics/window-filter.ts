import { fail } from '../base/errors.js';

/** A symmetric window along one axis: `weights[i]` is the weight at distance i; all of them sum to 1. */
interface Window {
  readonly radius: number;
  readonly weights: Float64Array;
}

/** A Gaussian window, cut at `truncate` standard deviations. @source scipy.ndimage.gaussian_filter */
export function gaussianWindow(sigma: number, truncate: number): Window {
  const radius = Math.floor(truncate * sigma + 0.5);
  const raw = Array.from({ length: radius + 1 }, (_, i) => Math.exp((-0.5 * i * i) / (sigma * sigma)));
  const total = raw.reduce((sum, value, i) => sum + (i === 0 ? value : 2 * value), 0);
  return { radius, weights: Float64Array.from(raw, (value) => value / total) };
}

/** A window of equal weights, `2 · radius + 1` wide. */
export function uniformWindow(radius: number): Window {
  return { radius, weights: new Float64Array(radius + 1).fill(1 / (2 * radius + 1)) };
}

/** The widest window that the filter takes: its loops are written out, which makes them twice as fast. */
const reach = 5;

/**
 * A filter of [H, W] images with one window along both axes; borders are mirrored, the edge pixel repeated.
 *
 * @param window of radius 5 at most
 * @returns a function that filters `image` in place; its scratch memory is reused from call to call
 * @source scipy.ndimage, mode `reflect`.
 */
export function createWindowFilter(
  height: number,
  width: number,
  window: Window,
): (image: Float64Array) => void {
  if (window.radius > reach) {
    fail('not-supported', {
      where: 'window',
      expected: `a radius of ${reach} at most`,
      got: `${window.radius}`,
    });
  }
  // Narrower windows are filled up with weights of 0.
  const [w0, w1, w2, w3, w4, w5] = Array.from({ length: reach + 1 }, (_, i) => window.weights[i] ?? 0) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const padded = new Float64Array(width + 2 * reach);
  const across = new Float64Array(height * width);
  const columns = mirrored(width, reach);
  // Starts of the rows above and below, in elements.
  const rows = mirrored(height, reach).map((row) => row * width);

  return (image) => {
    for (let row = 0; row < height; row++) {
      const start = row * width;
      for (let i = 0; i < padded.length; i++) padded[i] = image[start + columns[i]!]!;
      for (let i = 0, c = reach; i < width; i++, c++) {
        across[start + i] =
          w0 * padded[c]! +
          w1 * (padded[c - 1]! + padded[c + 1]!) +
          w2 * (padded[c - 2]! + padded[c + 2]!) +
          w3 * (padded[c - 3]! + padded[c + 3]!) +
          w4 * (padded[c - 4]! + padded[c + 4]!) +
          w5 * (padded[c - 5]! + padded[c + 5]!);
      }
    }
    for (let row = 0; row < height; row++) {
      const c = row + reach;
      const [a1, a2, a3, a4, a5] = [rows[c - 1]!, rows[c - 2]!, rows[c - 3]!, rows[c - 4]!, rows[c - 5]!];
      const [b1, b2, b3, b4, b5] = [rows[c + 1]!, rows[c + 2]!, rows[c + 3]!, rows[c + 4]!, rows[c + 5]!];
      const start = row * width;
      for (let i = 0; i < width; i++) {
        image[start + i] =
          w0 * across[start + i]! +
          w1 * (across[a1 + i]! + across[b1 + i]!) +
          w2 * (across[a2 + i]! + across[b2 + i]!) +
          w3 * (across[a3 + i]! + across[b3 + i]!) +
          w4 * (across[a4 + i]! + across[b4 + i]!) +
          w5 * (across[a5 + i]! + across[b5 + i]!);
      }
    }
  };
}

/** Where each position of a line, padded by `radius` on both sides, is read: (d c b a | a b c d | d c b a). */
function mirrored(length: number, radius: number): Int32Array {
  return Int32Array.from({ length: length + 2 * radius }, (_, i) => {
    const period = 2 * length;
    const position = (((i - radius) % period) + period) % period;
    return position < length ? position : period - 1 - position;
  });
}
