import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { refuseDamaged, sha256Of } from '../../base/checksum.node.js';

/** Number of ONNX's ModelProto.metadata_props. */
const metadata = 14;
const key = 'utad.sha256';

/**
 * A model file with the SHA-256 of all that is before, as its last text: ONNX Runtime reads it as any other text.
 *
 * @param file an ONNX file, with or without a checksum
 */
export function withModelChecksum(file: Uint8Array): Uint8Array {
  const content = splitModel(file)?.content ?? file;
  return Buffer.concat([content, checksumText(sha256Of(content))]);
}

/**
 * Checks a model file. Those of version 0.1.0 and of others carry no checksum.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file when it carries a checksum of other content.
 */
export function requireWholeModel(file: Uint8Array, where: string): void {
  const parts = splitModel(file);
  if (parts !== undefined && sha256Of(parts.content) !== parts.sha256) refuseDamaged(where);
}

function checksumText(sha256: string): Uint8Array {
  const text = new BinaryWriter().tag(1, WireType.LengthDelimited).string(key);
  text.tag(2, WireType.LengthDelimited).string(sha256);
  return new BinaryWriter().tag(metadata, WireType.LengthDelimited).bytes(text.finish()).finish();
}

const hexDigits = 64;

function splitModel(file: Uint8Array): { readonly content: Uint8Array; readonly sha256: string } | undefined {
  const pattern = checksumText('0'.repeat(hexDigits));
  const start = pattern.length - hexDigits;
  if (file.length < pattern.length) return undefined;
  const end = file.subarray(-pattern.length);
  if (pattern.subarray(0, start).some((byte, i) => byte !== end[i])) return undefined;
  return {
    content: file.subarray(0, -pattern.length),
    sha256: new TextDecoder().decode(end.subarray(start)),
  };
}
