import { fail } from '../../../base/errors.js';
import type { PixelFormat } from './instance.js';
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

/**
 * Checks a compressed image before a decoder sees it: that it is of the promised kind and size, and whole.
 *
 * @returns bits of a sample
 * @throws UtadError bad-file or not-supported, naming what differs.
 */
export function checkCodestream(
  bytes: Uint8Array,
  coding: PixelCoding,
  format: PixelFormat,
  where: string,
): number {
  const header = coding === 'jpeg-2000' ? readSizeSegment(bytes) : readFrameHeader(bytes);
  if (!header) broken(where, `a ${coding} image`, 'bytes that are none');
  if (coding !== 'jpeg-2000' && !frameMarkers[coding as keyof typeof frameMarkers].includes(header.marker)) {
    fail('not-supported', {
      where,
      expected: `a ${coding} image as the transfer syntax says`,
      got: `JPEG with frame marker FF${header.marker.toString(16).toUpperCase()}`,
      todo: 'Convert the series, for example with gdcmconv --raw.',
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
  if (!endsWhole(bytes))
    broken(where, 'compressed data up to their end marker', 'data that end before: the file is cut off');
  return precision;
}

function broken(where: string, expected: string, got: string): never {
  return fail('bad-file', { where, expected, got, todo: 'Copy or export the file again.' });
}

/** Whether the end marker stands at the end, but for padding with zeros or, as some writers do, ones. */
function endsWhole(bytes: Uint8Array): boolean {
  let end = bytes.length;
  while (end > 2 && (bytes[end - 1] === 0 || bytes[end - 1] === 0xff)) end--;
  return bytes[end - 2] === 0xff && bytes[end - 1] === endOfImage;
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
    if (marker === 0xda || marker === endOfImage) return undefined;
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
