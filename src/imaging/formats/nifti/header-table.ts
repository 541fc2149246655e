/** The types that header fields have. */
type FieldType = 'uint8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64' | 'text';

/** One row of a header's table. */
export interface HeaderField {
  readonly name: string;
  readonly type: FieldType;
  /** Bytes of a text, elements of an array; a single number has none. */
  readonly count?: number;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly meaning: string;
}

/** A header as an object: a text, a number or an array of numbers for each row of its table. */
export type HeaderOf<Row extends HeaderField> = {
  readonly [R in Row as R['name']]: R extends { type: 'text' }
    ? string
    : R extends { count: number }
      ? readonly number[]
      : number;
};

/** Bytes of one element of a field. */
export const fieldWidths: Readonly<Record<FieldType, number>> = {
  uint8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float32: 4,
  float64: 8,
  text: 1,
};

/** Reads the fields of a table; texts end at their first zero byte, whole numbers beyond 2^53 are rounded. */
export function decodeFields<Row extends HeaderField>(
  table: readonly Row[],
  bytes: Uint8Array,
  littleEndian: boolean,
): HeaderOf<Row> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = table.map(({ name, type, count, offset }: HeaderField) => {
    if (type === 'text') {
      const text = Array.from(bytes.subarray(offset, offset + count!), (code) => String.fromCharCode(code));
      return [name, text.join('').replace(/\0.*$/s, '')] as const;
    }
    const one = (index: number): number =>
      getNumber(view, type, offset + index * fieldWidths[type], littleEndian);
    return [name, count === undefined ? one(0) : Array.from({ length: count }, (_, i) => one(i))] as const;
  });
  return Object.fromEntries(entries) as HeaderOf<Row>;
}

/** Writes the fields of a table, little-endian; texts are cut to their field. */
export function encodeFields<Row extends HeaderField>(
  table: readonly Row[],
  header: Readonly<Record<Row['name'], string | number | readonly number[]>>,
): Uint8Array {
  const last = table.at(-1)!;
  const bytes = new Uint8Array(last.offset + (last.count ?? 1) * fieldWidths[last.type]);
  const view = new DataView(bytes.buffer);
  for (const { name, type, count, offset } of table as readonly HeaderField[]) {
    const value: string | number | readonly number[] = header[name as Row['name']];
    if (typeof value === 'string') {
      for (let i = 0; i < Math.min(value.length, count!); i++) bytes[offset + i] = value.charCodeAt(i);
    } else {
      const numbers: readonly number[] = typeof value === 'number' ? [value] : value;
      numbers.forEach((number, i) => {
        setNumber(view, type, offset + i * fieldWidths[type], number);
      });
    }
  }
  return bytes;
}

function getNumber(view: DataView, type: FieldType, offset: number, littleEndian: boolean): number {
  if (type === 'int16') return view.getInt16(offset, littleEndian);
  if (type === 'int32') return view.getInt32(offset, littleEndian);
  if (type === 'int64') return Number(view.getBigInt64(offset, littleEndian));
  if (type === 'float32') return view.getFloat32(offset, littleEndian);
  if (type === 'float64') return view.getFloat64(offset, littleEndian);
  return view.getUint8(offset);
}

function setNumber(view: DataView, type: FieldType, offset: number, value: number): void {
  if (type === 'int16') view.setInt16(offset, value, true);
  else if (type === 'int32') view.setInt32(offset, value, true);
  else if (type === 'int64') view.setBigInt64(offset, BigInt(value), true);
  else if (type === 'float32') view.setFloat32(offset, value, true);
  else if (type === 'float64') view.setFloat64(offset, value, true);
  else view.setUint8(offset, value);
}
