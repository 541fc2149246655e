import { Gunzip } from 'fflate';
import { crc32 } from '../../../base/crc32.js';
import { fail, UtadError } from '../../../base/errors.js';

/** Deflate never shrinks more than this: each 258-byte repeat costs at least two bits. */
const maximumRatio = 1032;
/** Header, an empty block and trailer. */
const shortestMember = 20;
/** Checksum and length behind a member. */
const trailerBytes = 8;
const pushBytes = 16 * 1024;
/** Some programs append a little to a volume; more than this is no volume. */
const tolerableExcess = 2 ** 20;

/** Whether the bytes begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Which bytes of an unpacked file are wanted. */
export interface Window {
  readonly start: number;
  readonly end: number;
  /** Bytes that the whole file should have. */
  readonly total: number;
}

/** The beginning of an unpacked file, and what was wanted of it. */
export interface UnpackedWindow {
  readonly head: Uint8Array;
  /** The wanted bytes, or fewer when the file ends earlier. */
  readonly wanted: Uint8Array;
  /** Bytes that the file has unpacked. */
  readonly length: number;
  /** Bytes behind the packed stream, which were not looked at. */
  readonly excessBytes: number;
}

/**
 * Unpacks a part of a gzip file, of one or several members, without ever holding more than that part.
 * The rest is only unpacked to check it, and only a little of what lies beyond the promised total. Bytes behind the
 * stream that are no further member, as padding by some file systems and downloads, are counted and left alone.
 *
 * @param headBytes how many bytes `windowOf` wants to see; it gets fewer when the file is shorter
 * @param windowOf says from the head which bytes are wanted
 * @throws UtadError bad-file when the stream is corrupt, cut off, or holds much less or much more than its head promises.
 * @source RFC 1952, member format and CRC-32 trailer.
 */
export function gunzipWindow(
  bytes: Uint8Array,
  where: string,
  headBytes: number,
  windowOf: (head: Uint8Array) => Window,
): UnpackedWindow {
  const head = new Uint8Array(headBytes);
  let headFilled = 0;
  let window: Window | undefined;
  let wanted = new Uint8Array();
  let filled = 0;
  let position = 0;

  const keep = (chunk: Uint8Array, at: number, { start, end }: Window): void => {
    const part = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at));
    wanted.set(part, filled);
    filled += part.length;
  };
  const openWindow = (seen: Uint8Array): void => {
    window = windowOf(seen);
    if (window.total > bytes.length * maximumRatio) {
      corrupt(
        where,
        `${bytes.length} packed bytes, which cannot hold the ${window.total} that the header promises`,
      );
    }
    wanted = new Uint8Array(window.end - window.start);
    keep(seen, 0, window);
  };
  const take = (chunk: Uint8Array): void => {
    const forHead = chunk.subarray(0, headBytes - headFilled);
    head.set(forHead, headFilled);
    headFilled += forHead.length;
    position += forHead.length;
    if (window === undefined && headFilled === headBytes) openWindow(head);
    const rest = chunk.subarray(forHead.length);
    if (window === undefined || rest.length === 0) return;
    keep(rest, position, window);
    position += rest.length;
    if (position > window.total + tolerableExcess)
      corrupt(where, `more than the ${window.total} bytes that the header promises`);
  };

  const excessBytes = unpack(bytes, where, take);
  const seen = head.subarray(0, headFilled);
  if (window === undefined) openWindow(seen);
  return { head: seen, wanted: wanted.subarray(0, filled), length: position, excessBytes };
}

/** Unpacks a stream chunk by chunk and compares the members' checksums. @returns bytes behind the last member */
function unpack(bytes: Uint8Array, where: string, take: (chunk: Uint8Array) => void): number {
  let checksum = 0;
  let length = 0;
  const stream = new Gunzip((chunk) => {
    checksum = crc32(chunk, checksum);
    length += chunk.length;
    take(chunk);
  });
  let lastMember = 0;
  stream.onmember = (offset) => {
    if (!endsMember(bytes, offset, checksum, length)) corrupt(where, 'a stream whose checksum is wrong');
    [checksum, length, lastMember] = [0, 0, offset];
  };
  let broken: unknown;
  try {
    for (let start = 0; start < bytes.length; start += pushBytes) {
      const end = Math.min(start + pushBytes, bytes.length);
      stream.push(bytes.subarray(start, end), end === bytes.length);
    }
  } catch (cause) {
    if (cause instanceof UtadError) throw cause;
    broken = cause;
  }
  if (broken === undefined && endsMember(bytes, bytes.length, checksum, length)) return 0;
  const end = findTrailer(bytes, lastMember + shortestMember, checksum, length);
  if (end !== undefined) return bytes.length - end;
  if (broken === undefined) return corrupt(where, 'a stream whose checksum is wrong');
  return corrupt(
    where,
    `a broken or cut-off stream (${broken instanceof Error ? broken.message : String(broken)})`,
  );
}

/** Whether a member ends at a place, with the checksum and the length of what was unpacked. */
function endsMember(bytes: Uint8Array, end: number, checksum: number, length: number): boolean {
  if (end < shortestMember || end > bytes.length) return false;
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + end - trailerBytes, trailerBytes);
  return trailer.getUint32(0, true) === checksum >>> 0 && trailer.getUint32(4, true) === length % 2 ** 32;
}

/** The first place from `from` on where a member with this checksum and length ends. */
function findTrailer(bytes: Uint8Array, from: number, checksum: number, length: number): number | undefined {
  for (let end = from; end <= bytes.length; end++) if (endsMember(bytes, end, checksum, length)) return end;
  return undefined;
}

function corrupt(where: string, got: string): never {
  return fail('bad-file', {
    where,
    expected: 'a whole gzip file',
    got,
    todo: 'Copy or download the file again.',
  });
}
