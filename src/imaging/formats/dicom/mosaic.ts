import type { DataSet } from './dicom-data-set.js';

/** Images in a mosaic, as newer Siemens software says outside its own header. */
const imagesInMosaicTag = 0x0019100a;
/** Siemens' own header of an image, which says the same among much else. */
const siemensImageHeaderTag = 0x00291010;
/** In that header a name takes 64 bytes, then 20 of numbers, and each value has 16 before it. */
const valueAfterName = 64 + 20 + 16;

/**
 * Whether an image holds several slices of a volume side by side, as Siemens scanners store echo-planar series.
 *
 * @source Siemens MR conformance statement (ImageType value 3 to 5); nibabel, `nicom.csareader` (layout of the header).
 */
export function isMosaic(dataSet: DataSet): boolean {
  if (dataSet.texts('ImageType').some((term) => term.toUpperCase() === 'MOSAIC')) return true;
  const creators = [0x00190010, 0x00290010].map((tag) => latin(dataSet.elements.get(tag)?.bytes));
  if (!creators.some((creator) => creator.startsWith('SIEMENS'))) return false;
  return Number(imagesByTag(dataSet) ?? imagesByHeader(dataSet) ?? 1) > 1;
}

function imagesByTag({ elements, littleEndian }: DataSet): number | undefined {
  const bytes = elements.get(imagesInMosaicTag)?.bytes;
  if (bytes?.length !== 2) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, 2).getUint16(0, littleEndian);
}

function imagesByHeader({ elements }: DataSet): number | undefined {
  const header = latin(elements.get(siemensImageHeaderTag)?.bytes);
  const name = header.indexOf('NumberOfImagesInMosaic\0');
  if (name < 0) return undefined;
  const value = /^\s*(\d+)/.exec(header.slice(name + valueAfterName, name + valueAfterName + 16));
  return value ? Number(value[1]) : undefined;
}

/** Bytes as letters of Latin-1; the header is far shorter than what is looked at. */
function latin(bytes: Uint8Array | undefined): string {
  return bytes ? new TextDecoder('windows-1252').decode(bytes.subarray(0, 2 ** 18)) : '';
}
