import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { z } from 'zod';
import { fail } from '../../base/errors.js';
import { refuseField } from '../../base/wrong-field.js';

/** Field numbers of ONNX's ModelProto. */
const field = { irVersion: 1, graph: 7, metadata: 14 } as const;

/** What the metadata of a kind of model file are. */
interface MetadataKind<Schema extends z.ZodType> {
  /** Key of the metadata as JSON. */
  readonly key: string;
  readonly schema: Schema;
  /** The newest `formatVersion` that can be read. */
  readonly newest: number;
  /** What a person calls such a file: `a model file of utad-net`. */
  readonly name: string;
  /** What to do where it is an ONNX file of another kind. */
  readonly todo: string;
  /** Brings what an earlier version wrote into today's form, which `schema` then checks; not needed when left out. */
  readonly convert?: (metadata: unknown, where: string) => unknown;
}

/**
 * Reads what a model file says of itself, skipping everything else in it.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file when it is cut off, no ONNX file or of another kind; not-supported when it has a newer
 *   format.
 */
export function readOnnxMetadata<Schema extends z.ZodType>(
  bytes: Uint8Array,
  where: string,
  { key, schema, newest, name, todo, convert = (metadata) => metadata }: MetadataKind<Schema>,
): z.infer<Schema> {
  const text = readOnnxTexts(bytes, where).get(key);
  if (text === undefined) {
    const got = `an ONNX file without the metadata “${key}”`;
    return fail('bad-file', { where, expected: name, got, todo });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const expected = `JSON under the metadata “${key}”`;
    return fail('bad-file', { where, expected, got: 'text that is not JSON' }, { cause });
  }
  const version = (json as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === 'number' && version > newest) {
    fail('not-supported', {
      where,
      expected: `${name} of format ${newest} or older`,
      got: `format ${version}`,
      todo: 'Update utad-net.',
    });
  }
  const converted = convert(json, where);
  const result = schema.safeParse(converted);
  if (result.success) return result.data;
  return refuseField('bad-file', where, result.error.issues[0]!, converted);
}

/**
 * Reads the texts that travel with an ONNX file, by key, skipping everything else in it.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file when it is cut off or no ONNX file.
 * @source onnx.proto, ModelProto and StringStringEntryProto.
 */
function readOnnxTexts(bytes: Uint8Array, where: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const seen = new Set<number>();
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      seen.add(number);
      if (number === field.metadata && type === WireType.LengthDelimited) {
        const [key, value] = readEntry(reader.bytes());
        texts.set(key, value);
      } else reader.skip(type, number);
    }
  } catch (cause) {
    const got = looksLikeOnnx(seen) ? 'one that is cut off or damaged' : 'something else';
    return fail(
      'bad-file',
      { where, expected: 'an ONNX file', got, todo: 'Copy or write it again.' },
      { cause },
    );
  }
  if (!looksLikeOnnx(seen)) fail('bad-file', { where, expected: 'an ONNX file', got: 'something else' });
  return texts;
}

/** Whether the fields read so far are those of an ONNX file. */
function looksLikeOnnx(seen: ReadonlySet<number>): boolean {
  return seen.has(field.irVersion) && seen.has(field.graph);
}

function readEntry(bytes: Uint8Array): readonly [key: string, value: string] {
  const reader = new BinaryReader(bytes);
  let [key, value] = ['', ''];
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === 1 && type === WireType.LengthDelimited) key = reader.string();
    else if (number === 2 && type === WireType.LengthDelimited) value = reader.string();
    else reader.skip(type, number);
  }
  return [key, value];
}
