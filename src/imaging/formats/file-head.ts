import { Gunzip } from 'fflate';
import { concatenate } from '../../base/bytes.js';
import { type FileHead, fileHeadBytes } from '../volume-format.js';
import { isGzip } from './nifti/gunzip.js';

/** The head of a file, from all of its bytes or from the first {@link fileHeadBytes}. */
export function fileHeadOf(file: Uint8Array): FileHead {
  const bytes = file.subarray(0, fileHeadBytes);
  return { bytes, unpacked: isGzip(bytes) ? unpackedStart(bytes) : bytes };
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
