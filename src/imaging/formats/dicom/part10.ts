import { Inflate } from 'fflate';
import { concatenate } from '../../../base/bytes.js';
import { fail, UtadError } from '../../../base/errors.js';
import type { DataSet } from './dicom-data-set.js';
import { bareEncoding, hasPreamble, preambleBytes } from './dicom-head.js';
import type { DicomLimits } from './limits.js';
import { parseDataSet, parseFileMeta } from './parse-data-set.js';
import { type TransferSyntax, transferSyntaxes, unreadTransferSyntaxes } from './transfer-syntaxes.js';

/** A file's data set and how it was encoded. */
export interface DicomFile {
  readonly dataSet: DataSet;
  readonly transferSyntax: TransferSyntax;
}

const inflateChunk = 16 * 1024;

/**
 * Reads a DICOM file up to and with its pixel data: with file meta information, or a bare data set.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file when it is no DICOM or broken, not-supported for a transfer syntax that is not read
 *   or a file beyond the limits.
 * @source DICOM PS3.10, 7.
 */
export function readPart10(bytes: Uint8Array, where: string, limits: DicomLimits): DicomFile {
  if (bytes.length > limits.fileBytes) tooLong(where, limits);
  if (!hasPreamble(bytes)) {
    const bare = bareEncoding(bytes);
    if (bare === undefined) {
      fail('bad-file', {
        where,
        expected: 'a DICOM file',
        got: bytes.length === 0 ? 'an empty file' : 'something else: there is no DICM mark',
        todo: 'Leave the file out.',
      });
    }
    if (bare !== 'meta') {
      return { dataSet: parseDataSet(bytes, bare, where, limits), transferSyntax: bare };
    }
  }
  const metaStart = hasPreamble(bytes) ? preambleBytes + 4 : 0;
  const meta = parseFileMeta(bytes, metaStart, where, limits);
  const transferSyntax = syntaxOf(meta.set, where);
  const rest = bytes.subarray(meta.end);
  const body = transferSyntax.deflated ? inflateUpTo(rest, limits, where) : rest;
  return { dataSet: parseDataSet(body, transferSyntax, where, limits), transferSyntax };
}

/** The SOP class that a file states before its data set, where it has file meta information. */
export function mediaClassOf(bytes: Uint8Array, where: string, limits: DicomLimits): string | undefined {
  if (!hasPreamble(bytes)) return undefined;
  return parseFileMeta(bytes, preambleBytes + 4, where, limits).set.text('MediaStorageSOPClassUID');
}

function syntaxOf(meta: DataSet, where: string): TransferSyntax {
  const uid = meta.text('TransferSyntaxUID');
  if (uid === undefined) {
    return fail('bad-file', {
      where,
      expected: 'a TransferSyntaxUID in the file meta information',
      got: 'none',
      todo: 'Export the series again.',
    });
  }
  const known = transferSyntaxes.find((syntax) => syntax.uid === uid);
  if (known) return known;
  const unread = unreadTransferSyntaxes.get(uid);
  return fail('not-supported', {
    where,
    expected: 'pixels that are not compressed, or by RLE, JPEG, JPEG-LS or JPEG 2000',
    got: unread === undefined ? uid.slice(0, 64) : `${unread.name} (${uid})`,
    todo: unread?.todo ?? 'Export the series without compression (Explicit VR Little Endian).',
  });
}

function inflateUpTo(packed: Uint8Array, limits: DicomLimits, where: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  let total = 0;
  let ended = false;
  const stream = new Inflate((chunk, final) => {
    total += chunk.length;
    if (total > limits.fileBytes) tooLong(where, limits);
    chunks.push(chunk);
    ended = final;
  });
  try {
    for (let start = 0; start < packed.length; start += inflateChunk) {
      const end = Math.min(start + inflateChunk, packed.length);
      stream.push(packed.subarray(start, end), end === packed.length);
    }
  } catch (cause) {
    if (cause instanceof UtadError) throw cause;
    brokenDeflate(where, cause instanceof Error ? cause.message : String(cause));
  }
  if (!ended) brokenDeflate(where, 'nothing to inflate');
  return concatenate(chunks);
}

function brokenDeflate(where: string, got: string): never {
  return fail('bad-file', {
    where,
    expected: 'a whole deflated data set',
    got,
    todo: 'Copy or export the file again.',
  });
}

function tooLong(where: string, limits: DicomLimits): never {
  return fail('not-supported', {
    where,
    expected: `at most ${limits.fileBytes} bytes`,
    got: 'more',
    todo: 'Check the file, or raise the limit.',
  });
}
