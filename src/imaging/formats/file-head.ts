import { Gunzip } from 'fflate';
import { concatenate } from '../../base/bytes.js';
import { type FileHead, fileHeadBytes } from '../volume-format.js';
import { isGzip } from './nifti/gunzip.js';

/** A packed file's own header may hold a name or a comment of any length before the packed bytes. */
const longestPackedHead = 2 ** 20;
/** No header is longer. */
const enoughUnpacked = 1024;

/** The head of a file, from all of its bytes or from as many as {@link bytesForHead} asks for. */
export function fileHeadOf(file: Uint8Array): FileHead {
  const bytes = file.subarray(0, fileHeadBytes);
  if (!isGzip(bytes)) return { bytes, unpacked: bytes };
  const unpacked = unpackedStart(bytes);
  if (unpacked.length >= enoughUnpacked || file.length <= bytes.length) return { bytes, unpacked };
  return { bytes, unpacked: unpackedStart(file.subarray(0, longestPackedHead)) };
}

/** How many bytes {@link fileHeadOf} wants of a file that begins so. */
export function bytesForHead(beginning: Uint8Array): number {
  return isGzip(beginning) && unpackedStart(beginning).length < enoughUnpacked
    ? longestPackedHead
    : fileHeadBytes;
}

/** What can be unpacked of the beginning of a gzip file; nothing where it is broken. */
function unpackedStart(bytes: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = [];
  const stream = new Gunzip((chunk) => void chunks.push(chunk));
  try {
    // The stream is cut off on purpose, so its end is never announced.
    stream.push(bytes, false);
  } catch {
    // Reading the file will say what is wrong with it.
  }
  return concatenate(chunks).subarray(0, fileHeadBytes);
}
