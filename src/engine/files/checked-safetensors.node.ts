import { refuseDamaged, sha256Of } from '../../base/checksum.node.js';
import type { Tensors } from '../graph/tensor.js';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.js';

/** Files that say so carry a checksum: without one they are damaged. */
const formatVersion = '2';

/** A safetensors file that carries the SHA-256 of its tensors and texts. */
export function encodeCheckedSafetensors(
  tensors: Tensors,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const texts = { ...metadata, formatVersion };
  return encodeSafetensors(tensors, { ...texts, checksum: checksumOf(tensors, texts) });
}

/**
 * Decodes a safetensors file and checks it where it carries a checksum. Those of earlier versions and of others carry none.
 *
 * @param where the file's name for messages
 * @throws UtadError bad-file as {@link decodeSafetensors}, and when the content is not what was written.
 */
export function decodeCheckedSafetensors(
  bytes: Uint8Array,
  where: string,
): Safetensors & { readonly isChecked: boolean } {
  const { tensors, metadata } = decodeSafetensors(bytes, where);
  const { checksum, ...texts } = metadata;
  const isChecked = checksum !== undefined || texts['formatVersion'] !== undefined;
  if (isChecked && checksum !== checksumOf(tensors, texts)) refuseDamaged(where);
  return { tensors, metadata, isChecked };
}

function checksumOf(tensors: Tensors, texts: Readonly<Record<string, string>>): string {
  const names = Object.entries(tensors).map(([name, { shape }]) => [name, shape]);
  const data = Object.values(tensors).map(
    ({ data: { buffer, byteOffset, byteLength } }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
  return `sha256:${sha256Of(JSON.stringify([Object.entries(texts), names]), ...data)}`;
}
