import { Inflate } from 'fflate';
import { crc32 } from '../../../base/crc32.js';
import { fail, UtadError } from '../../../base/errors.js';
import { shortened } from '../../../base/printable.js';
import { type DicomLimits, dicomLimits } from './limits.js';
import { endOfDirectory, localHeader } from './zip-mark.js';

/** One file in a ZIP, not yet unpacked. */
interface ZipEntry {
  readonly name: string;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly method: number;
  readonly encrypted: boolean;
  readonly checksum: number;
  /** Where its local header starts. */
  readonly start: number;
}

/** The files of a ZIP, each unpacked when it is asked for. */
interface ZipArchive {
  /** Names in the archive's order; folders left out. */
  readonly names: readonly string[];
  /** @throws UtadError bad-file when the entry is broken, not-supported when it is encrypted or packed otherwise. */
  readonly read: (name: string) => Uint8Array;
}

const directoryHeader = 0x02014b50;
const wideLocator = 0x07064b50;
const stored = 0;
const deflated = 8;

/**
 * Opens a ZIP in memory.
 *
 * Names, number and promised sizes are checked before anything is unpacked; an entry never takes more memory than
 * it promised, and its checksum must be right.
 *
 * @throws UtadError bad-file when the directory is broken or an entry's name leaves its folder; not-supported
 *   beyond the limits.
 * @source APPNOTE.TXT, ZIP File Format Specification (PKWARE), 4.3.
 */
export function openZip(bytes: Uint8Array, where: string, limits: Partial<DicomLimits> = {}): ZipArchive {
  const entries = new Map<string, ZipEntry>();
  const allowed = dicomLimits(limits);
  let total = 0;
  for (const entry of readDirectory(bytes, where, allowed)) {
    if (entry.name.endsWith('/')) continue;
    checkName(entry.name, where);
    if (entries.has(entry.name)) broken(where, 'entries of different names', `two named ${entry.name}`);
    total += entry.bytes;
    if (entry.bytes > allowed.fileBytes) tooMuch(where, `entries of at most ${allowed.fileBytes} bytes`);
    if (total > allowed.unpackedBytes) tooMuch(where, `at most ${allowed.unpackedBytes} bytes unpacked`);
    entries.set(entry.name, entry);
  }
  checkOverlaps(entries.values(), where);
  return {
    names: [...entries.keys()],
    read: (name) => {
      const entry = entries.get(name) ?? broken(where, `an entry ${name}`, 'none');
      return unpack(bytes, entry, `${where}, ${name}`);
    },
  };
}

/** Unpacks all of a ZIP in memory. @throws UtadError as {@link openZip} and its entries. */
export function unpackZip(
  bytes: Uint8Array,
  where: string,
  limits: Partial<DicomLimits> = {},
): Map<string, Uint8Array> {
  const archive = openZip(bytes, where, limits);
  return new Map(archive.names.map((name) => [name, archive.read(name)]));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readDirectory(bytes: Uint8Array, where: string, limits: DicomLimits): ZipEntry[] {
  const view = viewOf(bytes);
  const { count, start } = findDirectory(view, where);
  if (count > limits.files) tooMuch(where, `at most ${limits.files} entries`);
  const entries: ZipEntry[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== directoryHeader) cutOff(where);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > bytes.length) cutOff(where);
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength)),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      checksum: view.getUint32(at + 16, true),
      ...sizesOf(view, at, at + 46 + nameLength, extraLength, where),
    });
    at = next;
  }
  return entries;
}

/** Sizes and place of an entry, from its extra field where they take more than 32 bits. */
function sizesOf(
  view: DataView,
  at: number,
  extraStart: number,
  extraLength: number,
  where: string,
): Pick<ZipEntry, 'bytes' | 'packedBytes' | 'start'> {
  let field = extraStart;
  while (field + 4 <= extraStart + extraLength && view.getUint16(field, true) !== 1) {
    field += 4 + view.getUint16(field + 2, true);
  }
  let wide = field + 4;
  const either = (narrow: number): number => {
    if (narrow !== 0xffffffff) return narrow;
    wide += 8;
    return wide <= extraStart + extraLength ? Number(view.getBigUint64(wide - 8, true)) : cutOff(where);
  };
  const bytes = either(view.getUint32(at + 24, true));
  const packedBytes = either(view.getUint32(at + 20, true));
  return { bytes, packedBytes, start: either(view.getUint32(at + 42, true)) };
}

function findDirectory(view: DataView, where: string): { readonly count: number; readonly start: number } {
  // The end record is followed by a comment of at most 65535 bytes.
  const last = view.byteLength - 22;
  for (let at = last; at >= Math.max(0, last - 65535); at--) {
    if (view.getUint32(at, true) !== endOfDirectory) continue;
    const narrow = { count: view.getUint16(at + 10, true), start: view.getUint32(at + 16, true) };
    if (narrow.count !== 0xffff && narrow.start !== 0xffffffff) return narrow;
    if (at < 20 || view.getUint32(at - 20, true) !== wideLocator) return narrow;
    const wide = Number(view.getBigUint64(at - 12, true));
    if (wide + 56 > view.byteLength) return cutOff(where);
    return {
      count: Number(view.getBigUint64(wide + 32, true)),
      start: Number(view.getBigUint64(wide + 48, true)),
    };
  }
  return cutOff(where);
}

function unpack(archive: Uint8Array, entry: ZipEntry, where: string): Uint8Array {
  if (entry.encrypted || (entry.method !== stored && entry.method !== deflated)) {
    fail('not-supported', {
      where,
      expected: 'an entry that is stored or deflated, and not encrypted',
      got: entry.encrypted ? 'an encrypted one' : `one packed by method ${entry.method}`,
      todo: 'Pack the series anew.',
    });
  }
  const view = viewOf(archive);
  if (entry.start + 30 > archive.length || view.getUint32(entry.start, true) !== localHeader) cutOff(where);
  const start =
    entry.start + 30 + view.getUint16(entry.start + 26, true) + view.getUint16(entry.start + 28, true);
  const packed = archive.subarray(start, start + entry.packedBytes);
  if (packed.length < entry.packedBytes) cutOff(where);
  const content =
    entry.method === stored ? packed.slice(0, entry.bytes) : inflate(packed, entry.bytes, where);
  if (content.length !== entry.bytes || crc32(content, 0) >>> 0 !== entry.checksum) {
    broken(where, `${entry.bytes} bytes with the right checksum`, 'others');
  }
  return content;
}

/** Packed bytes that are unpacked at once: no more than about a thousand times as many come out beyond the promise. */
const inflateChunk = 16 * 1024;

function inflate(packed: Uint8Array, length: number, where: string): Uint8Array {
  const out = new Uint8Array(length);
  let filled = 0;
  const stream = new Inflate((chunk) => {
    if (filled + chunk.length > length)
      broken(where, `${length} bytes, as the ZIP says`, 'an entry that unpacks to more');
    out.set(chunk, filled);
    filled += chunk.length;
  });
  try {
    for (let start = 0; start < packed.length; start += inflateChunk) {
      const end = Math.min(start + inflateChunk, packed.length);
      stream.push(packed.subarray(start, end), end === packed.length);
    }
  } catch (cause) {
    if (cause instanceof UtadError) throw cause;
    return broken(where, 'a whole deflated entry', cause instanceof Error ? cause.message : String(cause));
  }
  return out.subarray(0, filled);
}

/** Refuses entries that share packed bytes, as no program writes them: each would cost as much as all. */
function checkOverlaps(entries: Iterable<ZipEntry>, where: string): void {
  const localHeaderBytes = 30;
  const inOrder = [...entries].sort((a, b) => a.start - b.start);
  for (const [index, { start, packedBytes, name }] of inOrder.entries()) {
    const next = inOrder[index + 1];
    if (next && start + localHeaderBytes + packedBytes > next.start)
      broken(
        where,
        'entries one after the other',
        `${shortened(name, 100)} and ${shortened(next.name, 100)} in the same bytes`,
      );
  }
}

function checkName(name: string, where: string): void {
  const climbs =
    name.split(/[\\/]/).includes('..') || /^(?:[\\/]|[a-zA-Z]:)/.test(name) || name.includes('\0');
  if (!climbs) return;
  fail('bad-file', {
    where,
    expected: 'entries that stay inside the archive',
    got: JSON.stringify(name.slice(0, 200)),
    todo: 'Do not trust this ZIP; pack the series anew.',
  });
}

function cutOff(where: string): never {
  return broken(where, 'a whole ZIP', 'one that is broken or cut off');
}

function broken(where: string, expected: string, got: string): never {
  return fail('bad-file', { where, expected, got, todo: 'Copy or download the file again.' });
}

function tooMuch(where: string, expected: string): never {
  return fail('not-supported', {
    where,
    expected,
    got: 'more',
    todo: 'Check the ZIP, unpack it yourself, or raise the limit.',
  });
}
