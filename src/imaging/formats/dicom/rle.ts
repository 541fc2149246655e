import { fail } from '../../../base/errors.js';
import type { PixelFormat } from './instance.js';

const headerBytes = 64;
const noOperation = 128;

/**
 * Unpacks an RLE frame of a grey image: one segment a byte of the sample, the high byte first.
 *
 * @returns the samples as little-endian bytes
 * @throws UtadError bad-file when a segment is missing, too short or leaves the frame.
 * @source DICOM PS3.5, annex G.
 */
export function decodeRle(bytes: Uint8Array, format: PixelFormat, where: string): Uint8Array {
  const broken = (expected: string, got: string): never =>
    fail('bad-file', { where, expected, got, todo: 'Copy or export the file again.' });
  const width = format.bitsAllocated / 8;
  const pixels = format.rows * format.columns;
  if (bytes.length < headerBytes)
    return broken(`an RLE header of ${headerBytes} bytes`, `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  if (count !== width) return broken(`${width} RLE segments`, String(count));
  const out = new Uint8Array(pixels * width);
  for (let segment = 0; segment < width; segment++) {
    const start = view.getUint32(4 + 4 * segment, true);
    const end = segment + 1 < width ? view.getUint32(8 + 4 * segment, true) : bytes.length;
    if (start < headerBytes || end > bytes.length || start > end) {
      return broken('RLE segments inside the frame', `one from byte ${start} to ${end} of ${bytes.length}`);
    }
    const filled = unpackSegment(bytes.subarray(start, end), out, width - 1 - segment, width);
    if (filled < pixels)
      return broken(`${pixels} pixels in RLE segment ${segment + 1}`, `${filled}: it is cut off`);
  }
  return out;
}

/** Writes a segment's bytes to every `step`-th place of `out`. @returns how many were written */
function unpackSegment(packed: Uint8Array, out: Uint8Array, offset: number, step: number): number {
  let to = offset;
  let at = 0;
  while (at < packed.length && to < out.length) {
    const control = packed[at++]!;
    if (control === noOperation) continue;
    const literal = control < noOperation;
    const length = literal ? control + 1 : 257 - control;
    if (at + (literal ? length : 1) > packed.length) break;
    for (let i = 0; i < length && to < out.length; i++, to += step) out[to] = packed[literal ? at + i : at]!;
    at += literal ? length : 1;
  }
  return (to - offset) / step;
}
