import { concatenate } from '../../../base/bytes.js';
import {
  type AttributeName,
  attributeTable,
  longRepresentations,
  textRepresentations,
  type ValueRepresentation,
} from './attributes.js';

/** A data element to be written: its bytes, or the items of a sequence. */
export interface WritableElement {
  readonly tag: number;
  readonly vr: string;
  readonly bytes?: Uint8Array;
  readonly items?: readonly (readonly WritableElement[])[];
}

type WritableValue = string | number | readonly (string | number)[] | Uint8Array;

/** Longest values in characters, for those representations that have a limit. @source DICOM PS3.5, table 6.2-1. */
const longestText: Readonly<Partial<Record<ValueRepresentation, number>>> = {
  CS: 16,
  SH: 16,
  LO: 64,
  ST: 1024,
  DS: 16,
  IS: 12,
  UI: 64,
};

/**
 * An element of the dictionary. Texts become ASCII, single-line and short enough for their representation; numbers
 * in texts become decimal strings.
 */
export function attribute(name: AttributeName, value: WritableValue): WritableElement {
  const [tag, vr] = attributeTable[name];
  if (value instanceof Uint8Array) return { tag, vr, bytes: value };
  const values: readonly (string | number)[] = Array.isArray(value) ? value : [value as string | number];
  return { tag, vr, bytes: isText(vr) ? encodeTexts(values, vr) : encodeNumbers(values.map(Number), vr) };
}

/** A sequence of the dictionary. */
export function sequence(
  name: AttributeName,
  items: readonly (readonly WritableElement[])[],
): WritableElement {
  return { tag: attributeTable[name][0], vr: 'SQ', items };
}

/**
 * A number as a decimal string of at most 16 characters, as near as those allow.
 *
 * @source DICOM PS3.5, 6.2, DS.
 */
export function decimalString(value: number): string {
  const plain = String(value);
  if (plain.length <= 16) return plain;
  for (let digits = 15; digits > 0; digits--) {
    const shorter = [value.toPrecision(digits), String(Number(value.toPrecision(digits)))];
    const fitting = shorter.find((text) => text.length <= 16);
    if (fitting !== undefined) return fitting;
  }
  return '0';
}

/** Writes elements in the order of their tags, explicit little-endian, sequences with their lengths. */
export function encodeDataSet(elements: readonly WritableElement[]): Uint8Array {
  const ordered = [...elements].sort((a, b) => a.tag - b.tag);
  return concatenate(ordered.map(encodeElement));
}

function encodeElement({ tag, vr, bytes, items }: WritableElement): Uint8Array {
  const value = items ? concatenate(items.map(encodeItem)) : padded(bytes ?? new Uint8Array(0), vr);
  const long = longRepresentations.has(vr);
  const header = new Uint8Array(long ? 12 : 8);
  const view = new DataView(header.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  header[4] = vr.charCodeAt(0);
  header[5] = vr.charCodeAt(1);
  if (long) view.setUint32(8, value.length, true);
  else view.setUint16(6, value.length, true);
  return concatenate([header, value]);
}

function encodeItem(elements: readonly WritableElement[]): Uint8Array {
  const value = encodeDataSet(elements);
  const header = new Uint8Array(8);
  const view = new DataView(header.buffer);
  view.setUint16(0, 0xfffe, true);
  view.setUint16(2, 0xe000, true);
  view.setUint32(4, value.length, true);
  return concatenate([header, value]);
}

function padded(bytes: Uint8Array, vr: string): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  const filler = isText(vr) && vr !== 'UI' ? 0x20 : 0;
  return concatenate([bytes, Uint8Array.of(filler)]);
}

function isText(vr: string): boolean {
  return (textRepresentations as readonly string[]).includes(vr);
}

function encodeTexts(values: readonly (string | number)[], vr: ValueRepresentation): Uint8Array {
  const texts = values.map((value) => {
    const text = typeof value === 'number' ? (vr === 'DS' ? decimalString(value) : String(value)) : value;
    return text
      .replace(/[^\x20-\x7e]/g, '?')
      .replaceAll('\\', '/')
      .slice(0, longestText[vr] ?? text.length);
  });
  return Uint8Array.from(texts.join('\\'), (letter) => letter.charCodeAt(0));
}

function encodeNumbers(values: readonly number[], vr: ValueRepresentation): Uint8Array {
  const width = vr === 'US' ? 2 : 4;
  const bytes = new Uint8Array(values.length * width);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) {
    if (width === 2) view.setUint16(index * 2, value, true);
    else view.setUint32(index * 4, value, true);
  }
  return bytes;
}
