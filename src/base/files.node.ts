import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail } from './errors.js';

/**
 * Writes a file whole or not at all: into a temporary neighbour, flushed, then renamed over the old one.
 *
 * @throws UtadError io when the folder cannot be written or the disk is full; the old file is untouched then.
 */
export async function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    failToWrite(path, cause);
  }
}

/** Says why a file could not be written. @throws UtadError io, always. */
export function failToWrite(path: string, cause: unknown): never {
  return fail(
    'io',
    {
      where: path,
      expected: 'to write this file',
      got: reasonOf(cause),
      todo: 'Free space or choose another folder.',
    },
    { cause },
  );
}

/**
 * Reads a whole file.
 *
 * @throws UtadError not-found or io, naming the path.
 */
export async function readFileBytes(path: string): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    // A plain array of bytes: a Buffer's slice() would share memory where an array's copies.
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    return fail(
      missing ? 'not-found' : 'io',
      {
        where: path,
        expected: 'a readable file',
        got: missing ? 'nothing there' : reasonOf(cause),
        todo: 'Check the path.',
      },
      { cause },
    );
  }
}

/** The short reason in a caught value. */
export function reasonOf(cause: unknown): string {
  if (cause instanceof Error) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC') return 'no space left on the disk (ENOSPC)';
    if (code === 'EACCES' || code === 'EROFS') return `no permission to write there (${code})`;
    return cause.message;
  }
  return String(cause);
}
