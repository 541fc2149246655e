import type { ValueRange } from '../../src/imaging/normalise.js';
import { divergingMap } from '../../src/report/colour-map.js';

/** Middle and width of the shown intensities, relative to an image's own range: 0.5 and 1 show all of it. */
export interface Window {
  readonly level: number;
  readonly width: number;
}

export const wholeWindow: Window = { level: 0.5, width: 1 };

/** A window in an image's own units. */
export function windowIn({ low, high }: ValueRange, { level, width }: Window): ValueRange {
  const [span, middle] = [high - low, low + level * (high - low)];
  return { low: middle - (width * span) / 2, high: middle + (width * span) / 2 };
}

/** Paints intensities in greys, RGBA. */
export function paintGrey(
  values: Float32Array,
  { low, high }: ValueRange,
  light: number,
  out: Uint8ClampedArray,
): void {
  const scale = (255 * light) / (high - low);
  for (let i = 0; i < values.length; i++) {
    const grey = (values[i]! - low) * scale;
    const at = 4 * i;
    out[at] = out[at + 1] = out[at + 2] = Math.min(255 * light, grey);
    out[at + 3] = 255;
  }
}

/** A difference this large (of the whole range of intensities) has the scale's last colour. */
export const largestDifference = 0.5;
/** Differences below this share of the scale are clear: they are the noise of every image. */
const clearShare = 0.06;

const steps = 511;
const palette = Array.from({ length: steps }, (_, i) => divergingMap(i / (steps - 1)));

/** Paints signed differences in blue (too dark) and orange (too bright); small ones are clear, RGBA. */
export function paintDifference(values: Float32Array, opacity: number, out: Uint8ClampedArray): void {
  for (let i = 0; i < values.length; i++) {
    const share = Math.min(1, Math.max(-1, values[i]! / largestDifference));
    const [red, green, blue] = palette[Math.round(((share + 1) / 2) * (steps - 1))]!;
    const at = 4 * i;
    out[at] = red;
    out[at + 1] = green;
    out[at + 2] = blue;
    const size = Math.abs(share);
    out[at + 3] = size < clearShare ? 0 : 255 * opacity * Math.min(1, (size - clearShare) * 5);
  }
}
