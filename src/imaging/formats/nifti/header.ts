import { nifti1Table } from './header-1.js';
import { nifti2Table } from './header-2.js';
import { decodeFields, encodeFields, type HeaderOf } from './header-table.js';

type Nifti1Header = HeaderOf<(typeof nifti1Table)[number]>;
type Nifti2Header = HeaderOf<(typeof nifti2Table)[number]>;

/** A header of either version; what both have, has the same name. */
export type NiftiHeader = Nifti1Header | Nifti2Header;

/** The fields of both versions together. */
export type HeaderValues = Nifti1Header & Nifti2Header;

/** The versions of the format. */
export type NiftiVersion = 1 | 2;

/** What differs between the versions besides their tables. */
export const niftiVersions = {
  1: { version: 1, length: 348, minimumVoxOffset: 352, single: 'n+1', pair: 'ni1' },
  2: { version: 2, length: 540, minimumVoxOffset: 544, single: 'n+2', pair: 'ni2' },
} as const satisfies Record<NiftiVersion, unknown>;

/** Bytes that are enough to decode a header of either version. */
export const longestHeader = niftiVersions[2].length;

/** The four bytes that a NIfTI-2 header has after its magic. */
export const lineEnds = '\r\n\x1a\n';

/** Reads a header, which must be there in full. */
export function decodeHeader(bytes: Uint8Array, version: NiftiVersion, littleEndian: boolean): NiftiHeader {
  return version === 1
    ? decodeFields(nifti1Table, bytes, littleEndian)
    : decodeFields(nifti2Table, bytes, littleEndian);
}

/** Writes a header, little-endian; texts are cut to their field. */
export function encodeHeader(header: HeaderValues, version: NiftiVersion): Uint8Array {
  return version === 1 ? encodeFields(nifti1Table, header) : encodeFields(nifti2Table, header);
}

/** Version and byte order of a header, by the length that it states first; undefined for other files. */
export function headerKindOf(
  head: Uint8Array,
): { readonly version: NiftiVersion; readonly littleEndian: boolean } | undefined {
  if (head.length < niftiVersions[1].length) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (const { version, length } of Object.values(niftiVersions))
    for (const littleEndian of [true, false])
      if (view.getInt32(0, littleEndian) === length) return { version, littleEndian };
  return undefined;
}
