import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { fail } from '../base/errors.js';
import { type ModelMetadata, modelFormatVersion, modelMetadataSchema } from './model-metadata.js';
import { metadataKey } from './write-model.js';

/** Field numbers of ONNX's ModelProto. */
const field = { irVersion: 1, graph: 7, metadata: 14 } as const;

/**
 * Reads what a model file says of itself, skipping everything else in it.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file when it is cut off, no ONNX file or not written by this program; not-supported
 *   when it has a newer format.
 * @source onnx.proto, ModelProto and StringStringEntryProto.
 */
export function readModelMetadata(bytes: Uint8Array, where: string): ModelMetadata {
  const text = readTexts(bytes, where).get(metadataKey);
  if (text === undefined) {
    return fail('bad-file', {
      where,
      expected: 'a model file of utad-net',
      got: `an ONNX file without the metadata “${metadataKey}”`,
      todo: 'Give a model that utad-net has written.',
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const expected = `JSON under the metadata “${metadataKey}”`;
    return fail('bad-file', { where, expected, got: 'text that is not JSON' }, { cause });
  }
  const version = (json as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === 'number' && version > modelFormatVersion) {
    fail('not-supported', {
      where,
      expected: `a model file of format ${modelFormatVersion} or older`,
      got: `format ${version}`,
      todo: 'Update utad-net.',
    });
  }
  const result = modelMetadataSchema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  return fail('bad-file', {
    where: [where, issue.path.join('.')].filter((part) => part !== '').join(': '),
    expected: 'valid model metadata',
    got: issue.message,
  });
}

function readTexts(bytes: Uint8Array, where: string): ReadonlyMap<string, string> {
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
