/** A symmetric window along one axis: `weights[i]` is the weight at distance i; all of them sum to 1. */
export interface Window {
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

/**
 * A filter of [H, W] images with one window along both axes; borders are mirrored, the edge pixel repeated.
 *
 * @returns a function that filters `image` in place; its scratch memory is reused from call to call
 * @source scipy.ndimage, mode `reflect`.
 */
export function createWindowFilter(
  height: number,
  width: number,
  window: Window,
): (image: Float64Array) => void {
  const { radius, weights } = window;
  const padded = new Float64Array(Math.max(width, height) + 2 * radius);
  const across = new Float64Array(height * width);
  const columns = mirrored(width, radius);
  const rows = mirrored(height, radius);

  return (image) => {
    for (let row = 0; row < height; row++) {
      const start = row * width;
      for (let i = 0; i < radius; i++) {
        padded[i] = image[start + columns[i]!]!;
        padded[radius + width + i] = image[start + columns[radius + width + i]!]!;
      }
      for (let i = 0; i < width; i++) padded[radius + i] = image[start + i]!;
      for (let i = 0; i < width; i++) {
        const centre = i + radius;
        let sum = weights[0]! * padded[centre]!;
        for (let t = 1; t <= radius; t++) sum += weights[t]! * (padded[centre - t]! + padded[centre + t]!);
        across[start + i] = sum;
      }
    }
    for (let row = 0; row < height; row++) {
      const out = row * width;
      for (let i = 0; i < width; i++) image[out + i] = weights[0]! * across[out + i]!;
      for (let t = 1; t <= radius; t++) {
        const weight = weights[t]!;
        const above = rows[row + radius - t]! * width;
        const below = rows[row + radius + t]! * width;
        for (let i = 0; i < width; i++) image[out + i]! += weight * (across[above + i]! + across[below + i]!);
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
