import { knownRepresentations } from './attributes.js';
import { explicitLittleEndian, implicitLittleEndian, type TransferSyntax } from './transfer-syntaxes.js';

/** Bytes that {@link looksLikeDicom} wants to see. */
export const dicomSniffBytes = 140;

/** Bytes before the mark of a file with file meta information. */
export const preambleBytes = 128;

/**
 * Whether a file's first bytes are those of a DICOM file: `DICM` after 128 bytes, or a bare data set that
 * starts with group 2 or 8.
 */
export function looksLikeDicom(head: Uint8Array): boolean {
  return hasPreamble(head) || bareEncoding(head) !== undefined;
}

/** Whether a file has a preamble and the mark `DICM`. */
export function hasPreamble(bytes: Uint8Array): boolean {
  return bytes.length >= preambleBytes + 4 && String.fromCharCode(...bytes.subarray(128, 132)) === 'DICM';
}

/** The encoding of a file that starts with its first data element, judged from that element. */
export function bareEncoding(bytes: Uint8Array): TransferSyntax | 'meta' | undefined {
  if (bytes.length < 16) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const group = view.getUint16(0, true);
  const element = view.getUint16(2, true);
  const named = knownRepresentations.has(String.fromCharCode(bytes[4]!, bytes[5]!));
  if (group === 2 && element <= 0x10) return named ? 'meta' : undefined;
  if (group !== 8 || element > 0x18) return undefined;
  if (named) return explicitLittleEndian;
  return view.getUint32(4, true) <= 1024 ? implicitLittleEndian : undefined;
}
