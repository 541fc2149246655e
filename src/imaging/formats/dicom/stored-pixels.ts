import { fail } from '../../../base/errors.js';
import { decimalString } from './write-data-set.js';

/** Values as 16-bit whole numbers: value = slope · stored. */
export interface StoredPixels {
  readonly stored: Uint16Array | Int16Array;
  readonly signed: boolean;
  /** 1 where the values are whole numbers that fit; else a number that a decimal string holds exactly. */
  readonly slope: number;
  /** Of the values that are not 0, in the values' own units. */
  readonly window: { readonly centre: number; readonly width: number };
}

/**
 * Stores values in 16 bits: whole numbers as they are, others by a slope that spends all bits. 0 stays 0; any
 * value keeps to half a slope.
 *
 * @throws UtadError bad-value when a value is not finite.
 */
export function storePixels(values: Float32Array): StoredPixels {
  let low = 0;
  let high = 0;
  let whole = true;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) {
      fail('bad-value', {
        where: 'volume to write as DICOM',
        expected: 'finite values',
        got: `${value} at voxel ${i}`,
        todo: 'Set such voxels to 0.',
      });
    }
    if (value < low) low = value;
    if (value > high) high = value;
    if (whole && !Number.isInteger(value)) whole = false;
  }
  const signed = low < 0;
  const room = signed ? 32767 : 65535;
  const fits = whole && high <= room && low >= -room;
  const slope = fits ? 1 : slopeFor(Math.max(high, -low), room);
  const stored = signed ? new Int16Array(values.length) : new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) stored[i] = Math.round(values[i]! / slope);
  return { stored, signed, slope, window: windowOf(stored, signed, slope) };
}

/** The least slope that a decimal string holds and that keeps the largest value within the room. */
function slopeFor(largest: number, room: number): number {
  const wanted = largest / room;
  const slope = Number(decimalString(wanted));
  return slope >= wanted ? slope : Number(decimalString(wanted * (1 + 1e-9)));
}

/** From the 1st to the 99.5th percentile of what is not 0. */
function windowOf(stored: Uint16Array | Int16Array, signed: boolean, slope: number): StoredPixels['window'] {
  const offset = signed ? 32768 : 0;
  const counts = new Uint32Array(65536);
  for (let i = 0; i < stored.length; i++) counts[stored[i]! + offset]!++;
  counts[offset] = 0;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const at = (share: number): number => {
    let seen = 0;
    const index = counts.findIndex((count) => {
      seen += count;
      return seen > 0 && seen >= share * total;
    });
    return index < 0 ? 0 : (index - offset) * slope;
  };
  const [low, high] = [at(0.01), at(0.995)];
  return { centre: (low + high) / 2, width: Math.max(high - low, slope) };
}
