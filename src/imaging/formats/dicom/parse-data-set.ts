import { fail } from '../../../base/errors.js';
import { knownRepresentations, longRepresentations, representationOf, showTag } from './attributes.js';
import { type DataElement, DataSet } from './dicom-data-set.js';
import type { DicomLimits } from './limits.js';
import type { TransferSyntax } from './transfer-syntaxes.js';

const undefinedLength = 0xffffffff;
const itemTag = 0xfffee000;
const itemEnd = 0xfffee00d;
const sequenceEnd = 0xfffee0dd;
const pixelData = 0x7fe00010;
const noBytes = new Uint8Array(0);

type Encoding = Pick<TransferSyntax, 'explicit' | 'littleEndian'>;

/**
 * Reads data elements up to and with the pixel data; what follows those is not looked at.
 *
 * Nothing is copied: values are views of `bytes`. Time and memory are bounded by the file's length and the limits.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file when a length leaves its surroundings or an element cannot be read; not-supported
 *   when sequences are nested deeper or elements are more than the limits allow.
 * @source DICOM PS3.5, 7.
 */
export function parseDataSet(
  bytes: Uint8Array,
  encoding: Encoding,
  where: string,
  limits: Pick<DicomLimits, 'sequenceDepth' | 'elements'>,
): DataSet {
  return new Parser(bytes, where, limits).dataSet(0, bytes.length, encoding).set;
}

/** Reads the file meta information: explicit little-endian elements of group 2, from `start`. */
export function parseFileMeta(
  bytes: Uint8Array,
  start: number,
  where: string,
  limits: Pick<DicomLimits, 'sequenceDepth' | 'elements'>,
): { readonly set: DataSet; readonly end: number } {
  const encoding = { explicit: true, littleEndian: true };
  return new Parser(bytes, where, limits).dataSet(start, bytes.length, encoding, { onlyGroup: 2 });
}

interface Header {
  readonly tag: number;
  readonly vr: string;
  readonly length: number;
  /** Where the value starts. */
  readonly start: number;
}

class Parser {
  private readonly view: DataView;
  private elements = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly where: string,
    private readonly limits: Pick<DicomLimits, 'sequenceDepth' | 'elements'>,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  dataSet(
    start: number,
    end: number,
    encoding: Encoding,
    {
      depth = 0,
      onlyGroup,
      delimited = false,
    }: { depth?: number; onlyGroup?: number; delimited?: boolean } = {},
  ): { readonly set: DataSet; readonly end: number } {
    const elements = new Map<number, DataElement>();
    let at = start;
    let closed = !delimited;
    while (at < end) {
      // Some writers pad a file with zeros after its last element.
      if (depth === 0 && end - at < 8 && this.bytes.subarray(at, end).every((byte) => byte === 0)) break;
      // What follows group 2 may be encoded in another way.
      if (onlyGroup !== undefined && end - at >= 2 && this.view.getUint16(at, true) !== onlyGroup) break;
      const header = this.header(at, end, encoding);
      if (delimited && header.tag === itemEnd) {
        closed = true;
        at = header.start;
        break;
      }
      this.count();
      const { element, end: next } = this.element(header, end, encoding, depth);
      elements.set(element.tag, element);
      at = next;
      if (depth === 0 && element.tag === pixelData) break;
    }
    if (!closed)
      this.broken(`an item of undefined length that ends`, `one that does not end before byte ${end}`);
    return { set: new DataSet(elements, encoding.littleEndian, this.where), end: at };
  }

  private header(at: number, end: number, { explicit, littleEndian }: Encoding): Header {
    if (end - at < 8) this.cutOff(at);
    const tag =
      ((this.view.getUint16(at, littleEndian) << 16) | this.view.getUint16(at + 2, littleEndian)) >>> 0;
    if (!explicit || tag >>> 16 === 0xfffe) {
      return {
        tag,
        vr: representationOf(tag),
        length: this.view.getUint32(at + 4, littleEndian),
        start: at + 8,
      };
    }
    const vr = String.fromCharCode(this.bytes[at + 4]!, this.bytes[at + 5]!);
    if (!knownRepresentations.has(vr)) {
      this.broken(`a value representation at ${showTag(tag)}, byte ${at}`, JSON.stringify(vr));
    }
    if (!longRepresentations.has(vr)) {
      return { tag, vr, length: this.view.getUint16(at + 6, littleEndian), start: at + 8 };
    }
    if (end - at < 12) this.cutOff(at);
    return { tag, vr, length: this.view.getUint32(at + 8, littleEndian), start: at + 12 };
  }

  private element(
    { tag, vr, length, start }: Header,
    end: number,
    encoding: Encoding,
    depth: number,
  ): { readonly element: DataElement; readonly end: number } {
    if (length === undefinedLength) {
      if (tag === pixelData) {
        const { fragments, end: next } = this.fragments(start, end, encoding);
        return { element: { tag, vr, bytes: noBytes, fragments }, end: next };
      }
      // An unknown element of undefined length is a sequence in implicit little-endian. @source PS3.5, 6.2.2.
      const inner = vr === 'UN' && encoding.explicit ? { explicit: false, littleEndian: true } : encoding;
      if (vr !== 'SQ' && vr !== 'UN') this.broken(`a length of ${showTag(tag)}`, 'an undefined one');
      return this.sequence(tag, start, end, inner, depth, true);
    }
    if (length > end - start) {
      this.broken(
        `${length} bytes of ${showTag(tag)} at byte ${start}`,
        `${end - start}: the file is cut off or the length is wrong`,
      );
    }
    if (vr === 'SQ') return this.sequence(tag, start, start + length, encoding, depth, false);
    return { element: { tag, vr, bytes: this.bytes.subarray(start, start + length) }, end: start + length };
  }

  private sequence(
    tag: number,
    start: number,
    end: number,
    encoding: Encoding,
    depth: number,
    delimited: boolean,
  ): { readonly element: DataElement; readonly end: number } {
    if (depth >= this.limits.sequenceDepth) {
      fail('not-supported', {
        where: this.where,
        expected: `sequences nested at most ${this.limits.sequenceDepth} deep`,
        got: `${showTag(tag)} deeper than that`,
        todo: 'Check the file, or raise the limit.',
      });
    }
    const items: DataSet[] = [];
    let at = start;
    let closed = !delimited;
    while (at < end) {
      const header = this.header(at, end, encoding);
      if (delimited && header.tag === sequenceEnd) {
        closed = true;
        at = header.start;
        break;
      }
      if (header.tag !== itemTag)
        this.broken(`an item of ${showTag(tag)} at byte ${at}`, showTag(header.tag));
      this.count();
      const unknown = header.length === undefinedLength;
      if (!unknown && header.length > end - header.start) {
        this.broken(
          `an item of ${header.length} bytes in ${showTag(tag)}`,
          `${end - header.start} bytes left`,
        );
      }
      const itemStop = unknown ? end : header.start + header.length;
      const item = this.dataSet(header.start, itemStop, encoding, { depth: depth + 1, delimited: unknown });
      items.push(item.set);
      at = item.end;
    }
    if (!closed)
      this.broken(`the sequence ${showTag(tag)} to end`, `the end of its surroundings at byte ${end}`);
    return { element: { tag, vr: 'SQ', bytes: noBytes, items }, end: at };
  }

  private fragments(
    start: number,
    end: number,
    encoding: Encoding,
  ): { readonly fragments: readonly Uint8Array[]; readonly end: number } {
    const fragments: Uint8Array[] = [];
    let at = start;
    while (true) {
      const header = this.header(at, end, encoding);
      if (header.tag === sequenceEnd) return { fragments, end: header.start };
      if (header.tag !== itemTag || header.length > end - header.start) {
        this.broken(
          `a whole fragment of PixelData at byte ${at}`,
          `${end - at} bytes left: the file is cut off`,
        );
      }
      this.count();
      fragments.push(this.bytes.subarray(header.start, header.start + header.length));
      at = header.start + header.length;
    }
  }

  private count(): void {
    if (++this.elements <= this.limits.elements) return;
    fail('not-supported', {
      where: this.where,
      expected: `at most ${this.limits.elements} data elements`,
      got: 'more',
      todo: 'Check the file, or raise the limit.',
    });
  }

  private cutOff(at: number): never {
    return this.broken(
      `a data element at byte ${at}`,
      `a file of ${this.bytes.length} bytes that ends there`,
    );
  }

  private broken(expected: string, got: string): never {
    return fail('bad-file', {
      where: this.where,
      expected,
      got,
      todo: 'Copy or export the file again.',
    });
  }
}
