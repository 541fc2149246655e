import type { PixelFormat } from './instance.js';
import {
  BitReader,
  broken,
  type HuffmanTable,
  jpegSegments,
  readHuffmanTables,
  readRestartInterval,
  startOfScan,
} from './jpeg-huffman.js';

interface Tables {
  readonly quantisation: Map<number, Float64Array>;
  readonly huffman: Map<number, HuffmanTable>;
  precision: number;
  quantisationOf: number;
  restartInterval: number;
}

/** Place in a block of the coefficient that comes n-th. @source ITU-T T.81, figure A.6. */
const zigzag = Uint8Array.from([
  ...[
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28,
  ],
  ...[
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60,
    61, 54, 47, 55, 62, 63,
  ],
]);

/** cosines[x][u] of the inverse transform with its factors. @source ITU-T T.81, A.3.3. */
const cosines = Float64Array.from({ length: 64 }, (_, index) => {
  const [x, u] = [index >> 3, index & 7];
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

/**
 * Decodes a grey sequential JPEG of 8 or 12 bits with Huffman coding, which the library for 8 bits cannot where
 * there are 12.
 *
 * @param bytes a stream whose frame header has been checked against the format
 * @returns samples as little-endian 16-bit words
 * @throws UtadError bad-file when the stream is broken.
 * @source ITU-T T.81, annexes A, B, C and F.
 */
export function decodeSequentialJpeg(bytes: Uint8Array, { rows, columns }: PixelFormat): Uint8Array {
  const { tables, scan, dc, ac } = readSegments(bytes);
  const quantisation = tables.quantisation.get(tables.quantisationOf) ?? broken('no quantisation table');
  const [dcTable, acTable] = [tables.huffman.get(dc), tables.huffman.get(0x10 | ac)];
  if (!dcTable || !acTable) return broken('no Huffman tables');
  const across = Math.ceil(columns / 8);
  const blocks = across * Math.ceil(rows / 8);
  const bits = new BitReader(bytes, scan);
  const block = new Float64Array(64);
  const scratch = new Float64Array(64);
  const samples = new Uint8Array(rows * columns * 2);
  const highest = 2 ** tables.precision - 1;
  const middle = 2 ** (tables.precision - 1);
  let previous = 0;
  for (let index = 0; index < blocks; index++) {
    if (tables.restartInterval > 0 && index > 0 && index % tables.restartInterval === 0) {
      bits.restart();
      previous = 0;
    }
    previous = readBlock(bits, dcTable, acTable, quantisation, previous, block);
    inverseTransform(block, scratch);
    const [left, top] = [(index % across) * 8, Math.floor(index / across) * 8];
    for (let y = top; y < Math.min(top + 8, rows); y++) {
      for (let x = left; x < Math.min(left + 8, columns); x++) {
        const value = Math.min(highest, Math.max(0, Math.round(block[(y - top) * 8 + x - left]! + middle)));
        samples[2 * (y * columns + x)] = value & 255;
        samples[2 * (y * columns + x) + 1] = value >> 8;
      }
    }
  }
  return samples;
}

interface Scan {
  readonly tables: Tables;
  /** Where the coded data start. */
  readonly scan: number;
  readonly dc: number;
  readonly ac: number;
}

function readSegments(bytes: Uint8Array): Scan {
  const tables: Tables = {
    quantisation: new Map(),
    huffman: new Map(),
    precision: 0,
    quantisationOf: 0,
    restartInterval: 0,
  };
  for (const { marker, content, end } of jpegSegments(bytes)) {
    if (marker === 0xdb) readQuantisation(content, tables);
    if (marker === 0xc4) readHuffmanTables(content, tables.huffman);
    if (marker === 0xdd) tables.restartInterval = readRestartInterval(content);
    if (marker === 0xc0 || marker === 0xc1) {
      tables.precision = content[0] ?? 0;
      tables.quantisationOf = content[8] ?? 0;
    }
    if (marker === startOfScan) {
      const selected = content[2] ?? 0;
      return { tables, scan: end, dc: selected >> 4, ac: selected & 15 };
    }
  }
  return broken('no scan');
}

function readQuantisation(segment: Uint8Array, tables: Tables): void {
  let at = 0;
  while (at < segment.length) {
    const wide = segment[at]! >> 4 > 0;
    const name = segment[at]! & 15;
    const start = at + 1;
    at = start + (wide ? 128 : 64);
    if (at > segment.length) broken('a quantisation table that is cut off');
    tables.quantisation.set(
      name,
      Float64Array.from({ length: 64 }, (_, n) =>
        wide ? segment[start + 2 * n]! * 256 + segment[start + 2 * n + 1]! : segment[start + n]!,
      ),
    );
  }
}

/** Reads a block's dequantised coefficients, rows outermost. @returns its DC value, which the next one continues */
function readBlock(
  bits: BitReader,
  dcTable: HuffmanTable,
  acTable: HuffmanTable,
  quantisation: Float64Array,
  previous: number,
  block: Float64Array,
): number {
  block.fill(0);
  const dc = previous + bits.signed(Math.min(16, bits.symbol(dcTable)));
  block[0] = dc * quantisation[0]!;
  for (let n = 1; n < 64; n++) {
    const symbol = bits.symbol(acTable);
    const [run, length] = [symbol >> 4, symbol & 15];
    if (length === 0 && run < 15) break;
    n += run;
    if (n > 63) return broken('more coefficients than a block has');
    if (length > 0) block[zigzag[n]!] = bits.signed(length) * quantisation[n]!;
  }
  return dc;
}

/** The inverse cosine transform in place, first along rows, then along columns. */
function inverseTransform(block: Float64Array, row: Float64Array): void {
  for (let v = 0; v < 8; v++) {
    for (let x = 0; x < 8; x++) {
      let sum = 0;
      for (let u = 0; u < 8; u++) sum += cosines[8 * x + u]! * block[8 * v + u]!;
      row[8 * v + x] = sum;
    }
  }
  for (let x = 0; x < 8; x++) {
    for (let y = 0; y < 8; y++) {
      let sum = 0;
      for (let v = 0; v < 8; v++) sum += cosines[8 * y + v]! * row[8 * v + x]!;
      block[8 * y + x] = sum;
    }
  }
}
