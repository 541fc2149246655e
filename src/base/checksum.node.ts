import { createHash } from 'node:crypto';
import { refuse } from './errors.js';
import { isRecord } from './is-record.js';

/** SHA-256 of bytes and texts one after the other, in hex. */
export function sha256Of(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** Name of the field in which a file of JSON carries the SHA-256 of all its other fields. */
const field = 'checksum';

/** A JSON object with the checksum of its fields, for a file that is read again. */
export function withChecksum<Value extends object>(value: Value): Value & { readonly checksum: string } {
  return { ...value, checksum: checksumOf(value) };
}

/**
 * Checks what was read from a file of JSON. Files of earlier versions and files that people write carry no checksum.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-file when it carries a checksum of other content.
 */
export function requireChecksum(json: unknown, where: string): void {
  if (!isRecord(json) || typeof json[field] !== 'string') return;
  if (json[field] !== checksumOf(json)) refuseDamaged(where);
}

/** Says that a file is not as it was written. @throws UtadError bad-file, always. */
export function refuseDamaged(where: string): never {
  return refuse('bad-file', {
    where,
    problem: 'this file is damaged or was changed: its checksum is not that of its content',
    todo: 'Copy it again, or have it written again.',
  });
}

function checksumOf(value: object): string {
  // As it will be read: what JSON leaves out is not part of it.
  const fields = Object.entries(JSON.parse(JSON.stringify(value)) as object);
  return `sha256:${sha256Of(JSON.stringify(fields.filter(([name]) => name !== field)))}`;
}
