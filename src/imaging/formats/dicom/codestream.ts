import { fail } from '../../../base/errors.js';
import type { PixelFormat } from './instance.js';
import { startOfScan } from './jpeg-huffman.js';
import type { PixelCoding } from './transfer-syntaxes.js';

/** What a compressed image says about itself. */
interface CodestreamHeader {
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  readonly precision: number;
  /** The frame marker of a JPEG: 0xc0 baseline, 0xc1 extended, 0xc3 lossless, 0xf7 JPEG-LS. */
  readonly marker: number;
}

const endOfImage = 0xd9;

/** Frame markers that each coding may have. @source ITU-T T.81, table B.1; T.87, C.1. */
const frameMarkers: Readonly<Record<'jpeg' | 'jpeg-lossless' | 'jpeg-ls', readonly number[]>> = {
  jpeg: [0xc0, 0xc1],
  'jpeg-lossless': [0xc3],
  'jpeg-ls': [0xf7],
};

/** A compressed image that a decoder may see. */
interface CheckedCodestream {
  /** Bits of a sample. */
  readonly precision: number;
  /** The image up to and with its end marker. */
  readonly image: Uint8Array;
  /** Bytes behind the end marker, without the padding of zeros or ones that many writers add. */
  readonly excessBytes: number;
}

/**
 * Checks a compressed image before a decoder sees it: that it is of the promised kind and size, and whole.
 *
 * @throws UtadError bad-file or not-supported, naming what differs.
 */
export function checkCodestream(
  bytes: Uint8Array,
  coding: PixelCoding,
  format: PixelFormat,
  where: string,
): CheckedCodestream {
  const header = coding === 'jpeg-2000' ? readSizeSegment(bytes) : readFrameHeader(bytes);
  if (!header) broken(where, `a ${coding} image`, 'bytes that are none');
  if (coding !== 'jpeg-2000' && !frameMarkers[coding as keyof typeof frameMarkers].includes(header.marker)) {
    fail('not-supported', {
      where,
      expected: `a ${coding} image as the transfer syntax says`,
      got: `JPEG with frame marker FF${header.marker.toString(16).toUpperCase()}`,
      todo: 'Export the series again; its files say another compression than they have.',
    });
  }
  const { rows, columns, components, precision } = header;
  if (rows !== format.rows || columns !== format.columns || components !== 1) {
    broken(
      where,
      `a grey image of ${format.columns}×${format.rows}`,
      `${components} components of ${columns}×${rows} in its compressed data`,
    );
  }
  if (precision > format.bitsAllocated || precision > 16) {
    broken(where, `samples of at most ${Math.min(16, format.bitsAllocated)} bits`, `${precision} bits`);
  }
  if (coding === 'jpeg' && precision !== 8 && precision !== 12) {
    broken(where, 'lossy JPEG of 8 or 12 bits', `${precision} bits`);
  }
  const marked = coding === 'jpeg-2000' ? endOfCodestream(bytes) : endOfJpeg(bytes, coding === 'jpeg-ls');
  const end = marked ?? endBeforePadding(bytes);
  if (end === undefined)
    return broken(
      where,
      'compressed data up to their end marker',
      'data that end before: the file is cut off',
    );
  const excess = bytes.subarray(end);
  const last = excess.findLastIndex((byte) => byte !== 0 && byte !== 0xff);
  return { precision, image: bytes.subarray(0, end), excessBytes: last + 1 };
}

function broken(where: string, expected: string, got: string): never {
  return fail('bad-file', { where, expected, got, todo: 'Copy or export the file again.' });
}

/**
 * Where a JPEG or JPEG-LS stream ends: behind its end marker; nothing when it has none.
 *
 * @source ITU-T T.81, B.1.1; T.87, C.1: after 0xff coded data have a zero byte, in JPEG-LS one below 0x80.
 */
function endOfJpeg(bytes: Uint8Array, isLs: boolean): number | undefined {
  let at = 2;
  let coded = false;
  while (at + 2 <= bytes.length) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff || marker === 0xff) {
      at++;
      continue;
    }
    if (marker === endOfImage) return at + 2;
    const isData = coded && (isLs ? marker < 0x80 : marker === 0);
    const standsAlone = isData || marker <= 1 || (marker >= 0xd0 && marker <= 0xd8);
    const length = standsAlone ? 0 : (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
    at += 2 + length;
    if (marker === startOfScan) coded = true;
  }
  return undefined;
}

/**
 * Where a JPEG 2000 codestream ends: behind its end marker; nothing when it has none.
 *
 * @source ITU-T T.800, A.4.2: the length of a tile part counts from its marker, 0 for up to the end of the codestream.
 */
function endOfCodestream(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 2 <= bytes.length) {
    const marker = view.getUint16(at);
    if (marker === 0xffd9) return at + 2;
    if (at + 10 > bytes.length) return undefined;
    if (marker !== 0xff90) {
      at += 2 + view.getUint16(at + 2);
      continue;
    }
    const length = view.getUint32(at + 6);
    if (length > 0) {
      at += Math.max(12, length);
      continue;
    }
    // Coded data hold no marker above 0xff8f.
    while (at + 2 <= bytes.length && view.getUint16(at) !== 0xffd9) at++;
  }
  return undefined;
}

/** Behind an end marker that only padding follows, in streams whose lengths lead past it. */
function endBeforePadding(bytes: Uint8Array): number | undefined {
  const end = bytes.findLastIndex((byte) => byte !== 0 && byte !== 0xff) + 1;
  return end >= 4 && bytes[end - 2] === 0xff && bytes[end - 1] === endOfImage ? end : undefined;
}

/** Finds the frame header of a JPEG or JPEG-LS stream. @source ITU-T T.81, B.2.2. */
function readFrameHeader(bytes: Uint8Array): CodestreamHeader | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame =
      (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xf7;
    if (isFrame) {
      if (at + 10 > bytes.length) return undefined;
      return {
        marker,
        precision: bytes[at + 4]!,
        rows: view.getUint16(at + 5),
        columns: view.getUint16(at + 7),
        components: bytes[at + 9]!,
      };
    }
    if (marker === startOfScan || marker === endOfImage) return undefined;
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** Reads the SIZ segment that starts a JPEG 2000 codestream. @source ITU-T T.800, A.5.1. */
function readSizeSegment(bytes: Uint8Array): CodestreamHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 43 || view.getUint32(0) !== 0xff4fff51) return undefined;
  return {
    marker: 0x51,
    columns: view.getUint32(8) - view.getUint32(16),
    rows: view.getUint32(12) - view.getUint32(20),
    components: view.getUint16(40),
    precision: (bytes[42]! & 0x7f) + 1,
  };
}
