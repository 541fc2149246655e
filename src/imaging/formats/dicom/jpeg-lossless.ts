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

interface LosslessScan {
  readonly table: HuffmanTable;
  /** Where the coded data start. */
  readonly start: number;
  /** Which neighbours a sample is predicted from, 1 to 7. */
  readonly predictor: number;
  /** Bits of a sample that were left out, the lowest. */
  readonly pointTransform: number;
  readonly precision: number;
  /** Samples between restart markers; 0 for none. */
  readonly restartInterval: number;
}

/** A difference of this length is 2^15 and has no bits of its own. @source ITU-T T.81, table H.2. */
const longestDifference = 16;

/**
 * Decodes a grey lossless JPEG with Huffman coding.
 *
 * @param bytes a stream whose frame header has been checked against the format
 * @returns samples as little-endian 16-bit words
 * @throws UtadError bad-file when the stream is broken or ends before its last sample.
 * @source ITU-T T.81, annexes B, C and H.
 */
export function decodeLosslessJpeg(bytes: Uint8Array, { rows, columns }: PixelFormat): Uint8Array {
  const { table, start, predictor, pointTransform, precision, restartInterval } = readScan(bytes);
  const bits = new BitReader(bytes, start);
  const samples = new Uint16Array(rows * columns);
  const middle = 2 ** (precision - pointTransform - 1);
  // After a restart the first sample stands alone, and the rest of its row knows only what is to its left.
  let firstOfInterval = 0;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      if (restartInterval > 0 && at > 0 && at % restartInterval === 0) {
        bits.restart();
        firstOfInterval = at;
      }
      const isFirstRow = at - column <= firstOfInterval;
      const predicted =
        at === firstOfInterval
          ? middle
          : isFirstRow
            ? samples[at - 1]!
            : column === 0
              ? samples[at - columns]!
              : predict(predictor, samples[at - 1]!, samples[at - columns]!, samples[at - columns - 1]!);
      const length = bits.symbol(table);
      if (length > longestDifference) return broken('a difference of more than 16 bits');
      // Sums are modulo 2^16, as the array is.
      samples[at] = predicted + (length === longestDifference ? 2 ** 15 : bits.signed(length));
    }
  }
  const out = new Uint8Array(2 * samples.length);
  const view = new DataView(out.buffer);
  for (let i = 0; i < samples.length; i++) view.setUint16(2 * i, samples[i]! << pointTransform, true);
  return out;
}

/** @source ITU-T T.81, table H.1. */
function predict(predictor: number, left: number, above: number, aboveLeft: number): number {
  if (predictor === 1) return left;
  if (predictor === 2) return above;
  if (predictor === 3) return aboveLeft;
  if (predictor === 4) return left + above - aboveLeft;
  if (predictor === 5) return left + ((above - aboveLeft) >> 1);
  if (predictor === 6) return above + ((left - aboveLeft) >> 1);
  return (left + above) >> 1;
}

function readScan(bytes: Uint8Array): LosslessScan {
  const tables = new Map<number, HuffmanTable>();
  let precision = 0;
  let restartInterval = 0;
  for (const { marker, content, end } of jpegSegments(bytes)) {
    if (marker === 0xc4) readHuffmanTables(content, tables);
    if (marker === 0xdd) restartInterval = readRestartInterval(content);
    if (marker === 0xc3) precision = content[0] ?? 0;
    if (marker !== startOfScan) continue;
    const [, , selected = 0, predictor = 0, , low = 0] = content;
    const pointTransform = low & 15;
    const table = tables.get(selected >> 4) ?? broken('no Huffman table');
    if (predictor < 1 || predictor > 7) broken(`the predictor ${predictor}`);
    if (pointTransform >= precision) broken(`a point transform of ${pointTransform}`);
    return { table, start: end, predictor, pointTransform, precision, restartInterval };
  }
  return broken('no scan');
}
