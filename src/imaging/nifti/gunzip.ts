import { Gunzip } from 'fflate';
import { fail, UtadError } from '../../base/errors.js';

/** Deflate never shrinks more than this: each 258-byte repeat costs at least two bits. */
const maximumRatio = 1032;
const pushBytes = 16 * 1024;
/** Some programs append a little to a volume; more than this is no volume. */
const tolerableExcess = 2 ** 20;

/** Whether the bytes begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks the beginning of a gzip file, of one or several members, without ever holding more than that.
 * What follows is only unpacked to check it, and only a little of it.
 *
 * @param headBytes how many bytes `promisedLength` needs to see
 * @param promisedLength says from the first `headBytes` bytes how many are wanted in all
 * @returns exactly the wanted bytes, or fewer when the file holds fewer
 * @throws UtadError bad-file when the stream is corrupt, cut off, or holds much less or much more than its head promises.
 * @source RFC 1952, member format and CRC-32 trailer.
 */
export function gunzipUpTo(
  bytes: Uint8Array,
  where: string,
  headBytes: number,
  promisedLength: (head: Uint8Array) => number,
): Uint8Array {
  const head = new Uint8Array(headBytes);
  let out = head;
  let headDone = false;
  let filled = 0;
  let excess = 0;
  let checksum = 0;

  const store = (chunk: Uint8Array): void => {
    const part = chunk.subarray(0, out.length - filled);
    out.set(part, filled);
    filled += part.length;
    const rest = chunk.subarray(part.length);
    if (rest.length === 0) return;
    if (headDone) {
      excess += rest.length;
      if (excess > tolerableExcess)
        corrupt(where, `more than the ${out.length} bytes that the header promises`);
      return;
    }
    headDone = true;
    const total = promisedLength(head);
    if (total > bytes.length * maximumRatio) {
      corrupt(where, `${bytes.length} packed bytes, which cannot hold the ${total} that the header promises`);
    }
    out = new Uint8Array(Math.max(total, headBytes));
    out.set(head);
    store(rest);
  };

  const stream = new Gunzip((chunk) => {
    checksum = crc32(chunk, checksum);
    store(chunk);
  });
  stream.onmember = (offset) => {
    checkChecksum(bytes, offset, checksum, where);
    checksum = 0;
  };
  try {
    for (let start = 0; start < bytes.length; start += pushBytes) {
      const end = Math.min(start + pushBytes, bytes.length);
      stream.push(bytes.subarray(start, end), end === bytes.length);
    }
  } catch (cause) {
    if (cause instanceof UtadError) throw cause;
    corrupt(where, `a broken or cut-off stream (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  checkChecksum(bytes, bytes.length, checksum, where);
  return out.subarray(0, filled);
}

function checkChecksum(bytes: Uint8Array, memberEnd: number, checksum: number, where: string): void {
  const stored = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(
    memberEnd - 8,
    true,
  );
  if (stored !== checksum >>> 0) corrupt(where, 'a stream whose checksum is wrong');
}

function corrupt(where: string, got: string): never {
  return fail('bad-file', {
    where,
    expected: 'a whole gzip file',
    got,
    todo: 'Copy or download the file again.',
  });
}

const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array, before: number): number {
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = crcTable[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc;
}
