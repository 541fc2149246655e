import { open } from 'node:fs/promises';
import { fail } from '../../base/errors.js';
import { reasonOf } from '../../base/files.node.js';
import { type FileHead, fileHeadBytes } from '../volume-format.js';
import { bytesForHead, fileHeadOf } from './file-head.js';

/**
 * Reads the beginning of a file.
 *
 * @throws UtadError not-found or io, naming the file.
 */
export async function readFileHead(path: string): Promise<FileHead> {
  try {
    const handle = await open(path, 'r');
    try {
      const beginning = async (length: number): Promise<Uint8Array> => {
        const { bytesRead, buffer } = await handle.read(new Uint8Array(length), 0, length, 0);
        return buffer.subarray(0, bytesRead);
      };
      const bytes = await beginning(fileHeadBytes);
      const wanted = bytesForHead(bytes);
      return fileHeadOf(wanted > fileHeadBytes ? await beginning(wanted) : bytes);
    } finally {
      await handle.close();
    }
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
