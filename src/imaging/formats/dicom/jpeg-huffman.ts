import { fail } from '../../../base/errors.js';

/** Prefix codes of one table, by length: a code of `length` bits belongs to it when it is below `ends[length]`. */
export interface HuffmanTable {
  readonly ends: Int32Array;
  /** Add to a code of this length for its place in `values`. */
  readonly offsets: Int32Array;
  readonly values: Uint8Array;
}

/**
 * Reads the tables of a DHT segment, each under its class and name.
 *
 * @source ITU-T T.81, annex C.
 */
export function readHuffmanTables(segment: Uint8Array, into: Map<number, HuffmanTable>): void {
  let at = 0;
  while (at + 17 <= segment.length) {
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const values = segment.slice(at + 17, at + 17 + total);
    if (values.length < total) broken('a Huffman table that is cut off');
    const ends = new Int32Array(17);
    const offsets = new Int32Array(17);
    let code = 0;
    let place = 0;
    for (let length = 1; length <= 16; length++) {
      offsets[length] = place - code;
      code += counts[length - 1]!;
      place += counts[length - 1]!;
      ends[length] = code;
      code *= 2;
    }
    into.set(segment[at]!, { ends, offsets, values });
    at += 17 + total;
  }
}

/** Bits of a scan, the highest first, without the zeros that are stuffed after 0xff. */
export class BitReader {
  private held = 0;
  private count = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
  ) {}

  bit(): number {
    if (this.count === 0) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) return broken('coded data that are cut off');
      // A marker ends the data; encoders fill the last byte with ones.
      if (byte === 0xff && this.bytes[this.at++] !== 0) return broken('coded data that end early');
      this.held = byte;
      this.count = 8;
    }
    this.count--;
    return (this.held >> this.count) & 1;
  }

  bits(length: number): number {
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 2 + this.bit();
    return value;
  }

  /** A number of `length` bits, whose first bit says whether it is positive. @source ITU-T T.81, F.2.2.1. */
  signed(length: number): number {
    const value = this.bits(length);
    return length > 0 && value < 2 ** (length - 1) ? value - 2 ** length + 1 : value;
  }

  symbol({ ends, offsets, values }: HuffmanTable): number {
    let code = 0;
    for (let length = 1; length <= 16; length++) {
      code = code * 2 + this.bit();
      if (code < ends[length]!) return values[code + offsets[length]!] ?? broken('an unknown code');
    }
    return broken('an unknown code');
  }

  /** Goes on behind the next restart marker. */
  restart(): void {
    this.count = 0;
    const marker = this.bytes[this.at + 1] ?? 0;
    if (this.bytes[this.at] !== 0xff || marker < 0xd0 || marker > 0xd7)
      broken('no restart marker where one should be');
    this.at += 2;
  }
}

/** Reads a DRI segment: blocks, or samples where there are none, between two restart markers; 0 for no such markers. */
export function readRestartInterval(content: Uint8Array): number {
  return ((content[0] ?? 0) << 8) | (content[1] ?? 0);
}

/** A marker segment's content. */
interface JpegSegment {
  readonly marker: number;
  readonly content: Uint8Array;
  /** Where the next one starts, or the coded data after the start of a scan. */
  readonly end: number;
}

/** The marker of a segment behind which the coded data follow. */
export const startOfScan = 0xda;

/** The segments of a JPEG up to and with its first start of scan. @throws UtadError bad-file when one leaves the data. */
export function* jpegSegments(bytes: Uint8Array): Generator<JpegSegment> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff) broken('no marker where one should be');
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (end > bytes.length) broken('a segment that leaves the data');
    yield { marker, content: bytes.subarray(at + 4, end), end };
    if (marker === startOfScan) return;
    at = end;
  }
}

/** Says that a stream is broken. @throws UtadError bad-file, always. */
export function broken(got: string): never {
  return fail('bad-file', { where: 'JPEG', expected: 'a grey image coded as its headers say', got });
}
