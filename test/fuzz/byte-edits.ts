import fc from 'fast-check';

/** A number at a known place of a file, such as a header's field. */
export interface NumberField {
  readonly offset: number;
  readonly type: 'uint8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64';
  readonly littleEndian: boolean;
}

/** A valid file and what is known of its inside. */
export interface Seed {
  readonly bytes: Uint8Array;
  readonly fields?: readonly NumberField[];
}

/** One change of a file; places are taken modulo its length, so that every edit fits every file. */
export type Edit =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'set'; readonly at: number; readonly value: number }
  | { readonly kind: 'truncate'; readonly length: number }
  | { readonly kind: 'remove'; readonly at: number; readonly length: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'copy'; readonly from: number; readonly to: number; readonly length: number }
  | { readonly kind: 'field'; readonly field: number; readonly value: number };

const wholeNumbers = [
  0,
  1,
  -1,
  2,
  3,
  7,
  127,
  128,
  255,
  256,
  32767,
  -32768,
  65535,
  2 ** 24,
  2 ** 31 - 1,
  -(2 ** 31),
];
const wideNumbers = [2 ** 32, 2 ** 40, 2 ** 53, 2 ** 63 - 2 ** 10, -(2 ** 63), 1e9, 1.5e9];
const realNumbers = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  0.5,
  1e-40,
  1e30,
  1e300,
];

/** Numbers on which parsers stumble, and any other. */
export const oddNumber: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...wholeNumbers, ...wideNumbers, ...realNumbers) },
  { weight: 1, arbitrary: fc.integer({ min: -300, max: 300 }) },
  { weight: 1, arbitrary: fc.double() },
);

/** A place in a file: often in its first kilobyte, where headers are. */
const place = fc.oneof(fc.nat(1023), fc.nat(2 ** 20));

function edit(hasFields: boolean): fc.Arbitrary<Edit> {
  const kind = <K extends Edit['kind']>(name: K) => fc.constant(name);
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: kind('flip'), at: place, bit: fc.nat(7) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: kind('set'),
        at: place,
        value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: kind('truncate'), length: place }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('remove'), at: place, length: fc.nat(64) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: kind('insert'), at: place, bytes: fc.uint8Array({ maxLength: 32 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: kind('copy'), from: place, to: place, length: fc.nat(64) }),
    },
    ...(hasFields
      ? [{ weight: 10, arbitrary: fc.record({ kind: kind('field'), field: fc.nat(4095), value: oddNumber }) }]
      : []),
  );
}

/** Files that are one of the seeds with a few changes. */
export function editedFiles(seeds: readonly Seed[], maximumEdits = 5): fc.Arbitrary<Uint8Array> {
  return fc
    .nat(seeds.length - 1)
    .chain((index) => {
      const seed = seeds[index]!;
      const hasFields = (seed.fields?.length ?? 0) > 0;
      return fc.tuple(fc.constant(seed), fc.array(edit(hasFields), { maxLength: maximumEdits }));
    })
    .map(([seed, edits]) =>
      edits.reduce((bytes, one) => applyEdit(bytes, one, seed.fields ?? []), seed.bytes),
    );
}

/** A changed copy of a file. */
export function applyEdit(bytes: Uint8Array, edit: Edit, fields: readonly NumberField[]): Uint8Array {
  const at = (position: number): number => (bytes.length === 0 ? 0 : position % bytes.length);
  const copy = bytes.slice();
  switch (edit.kind) {
    case 'flip':
      if (copy.length > 0) copy[at(edit.at)]! ^= 1 << edit.bit;
      return copy;
    case 'set':
      if (copy.length > 0) copy[at(edit.at)] = edit.value;
      return copy;
    case 'truncate':
      return copy.subarray(0, at(edit.length));
    case 'remove':
      return joined(copy.subarray(0, at(edit.at)), copy.subarray(at(edit.at) + edit.length));
    case 'insert':
      return joined(copy.subarray(0, at(edit.at)), edit.bytes, copy.subarray(at(edit.at)));
    case 'copy': {
      const part = bytes.subarray(at(edit.from), at(edit.from) + edit.length);
      copy.set(part.subarray(0, copy.length - at(edit.to)), at(edit.to));
      return copy;
    }
    case 'field':
      setField(copy, fields[edit.field % fields.length]!, edit.value);
      return copy;
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function setField(bytes: Uint8Array, { offset, type, littleEndian }: NumberField, value: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = { uint8: 1, int16: 2, int32: 4, int64: 8, float32: 4, float64: 8 }[type];
  if (offset + width > bytes.length) return;
  if (type === 'uint8') view.setUint8(offset, value);
  else if (type === 'int16') view.setInt16(offset, value, littleEndian);
  else if (type === 'int32') view.setInt32(offset, value, littleEndian);
  else if (type === 'int64') {
    const whole = Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
    view.setBigInt64(offset, BigInt.asIntN(64, whole), littleEndian);
  } else if (type === 'float32') view.setFloat32(offset, value, littleEndian);
  else view.setFloat64(offset, value, littleEndian);
}
