import { fail } from '../../../base/errors.js';
import { type AttributeName, attributeTable, binaryRepresentations } from './attributes.js';
import { decodeText } from './character-sets.js';

/** One data element as a file stores it. */
export interface DataElement {
  readonly tag: number;
  readonly vr: string;
  /** The stored bytes, in the file's byte order; empty for sequences and encapsulated pixels. */
  readonly bytes: Uint8Array;
  readonly items?: readonly DataSet[];
  /** Pieces of encapsulated pixel data, the offset table first. */
  readonly fragments?: readonly Uint8Array[];
}

/** Longest value that is looked at; only pixels, tables and private data are longer. */
const longestValue = 2 ** 16;

/** Data elements by tag, with readers that know the dictionary. */
export class DataSet {
  constructor(
    readonly elements: ReadonlyMap<number, DataElement>,
    readonly littleEndian: boolean,
    /** The file's name, for messages. */
    readonly where: string,
  ) {}

  /** The element of an attribute, or nothing when it is absent. */
  element(name: AttributeName): DataElement | undefined {
    return this.elements.get(attributeTable[name][0]);
  }

  /** The texts of an attribute, split at backslashes, trimmed; none when it is absent or empty. */
  texts(name: AttributeName, characterSets: readonly string[] = []): readonly string[] {
    const element = this.shortElement(name);
    if (!element) return [];
    const text = decodeText(element.bytes, characterSets).replace(/\0+$/, '');
    return text.trim() === '' ? [] : text.split('\\').map((part) => part.trim());
  }

  /** The first text of an attribute. */
  text(name: AttributeName, characterSets: readonly string[] = []): string | undefined {
    return this.texts(name, characterSets)[0] || undefined;
  }

  /**
   * The numbers of an attribute, from text or binary as it is stored; none when it is absent or empty.
   *
   * @throws UtadError bad-file when a text is no number or is not finite.
   */
  numbers(name: AttributeName): readonly number[] {
    const element = this.shortElement(name);
    if (!element || element.bytes.length === 0) return [];
    const numbers = this.storedNumbers(name, element);
    if (!numbers.every(Number.isFinite)) {
      const got = numbers.every(Number.isNaN) ? this.texts(name) : numbers;
      fail('bad-file', {
        where: this.where,
        expected: `finite numbers in ${name}`,
        got: got.join('\\').slice(0, 80),
        todo: 'Export the series again.',
      });
    }
    return numbers;
  }

  /** The first number of an attribute that may as well be absent: nothing when it cannot be read. */
  looseNumber(name: AttributeName): number | undefined {
    const element = this.shortElement(name);
    const value = element && this.storedNumbers(name, element)[0];
    return Number.isFinite(value) ? value : undefined;
  }

  /** The first number of an attribute. @throws UtadError as {@link numbers}. */
  number(name: AttributeName): number | undefined {
    return this.numbers(name)[0];
  }

  /** The items of a sequence; none when it is absent or empty. */
  items(name: AttributeName): readonly DataSet[] {
    return this.element(name)?.items ?? [];
  }

  private shortElement(name: AttributeName): DataElement | undefined {
    const element = this.element(name);
    if (element && element.bytes.length > longestValue) {
      fail('bad-file', {
        where: this.where,
        expected: `at most ${longestValue} bytes in ${name}`,
        got: String(element.bytes.length),
        todo: 'Export the series again.',
      });
    }
    return element;
  }

  private storedNumbers(name: AttributeName, element: DataElement): readonly number[] {
    const vr = (element.vr === 'UN' ? attributeTable[name][1] : element.vr) as string;
    return vr in binaryRepresentations
      ? this.binaryNumbers(element.bytes, vr as keyof typeof binaryRepresentations)
      : this.texts(name).map((text) => (text === '' ? Number.NaN : Number(text)));
  }

  private binaryNumbers(bytes: Uint8Array, vr: keyof typeof binaryRepresentations): number[] {
    const width = binaryRepresentations[vr];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const little = this.littleEndian;
    const readers: Record<typeof vr, (at: number) => number> = {
      FD: (at) => view.getFloat64(at, little),
      FL: (at) => view.getFloat32(at, little),
      SL: (at) => view.getInt32(at, little),
      SS: (at) => view.getInt16(at, little),
      SV: (at) => Number(view.getBigInt64(at, little)),
      UL: (at) => view.getUint32(at, little),
      US: (at) => view.getUint16(at, little),
      UV: (at) => Number(view.getBigUint64(at, little)),
    };
    return Array.from({ length: Math.floor(bytes.length / width) }, (_, i) => readers[vr](i * width));
  }
}
