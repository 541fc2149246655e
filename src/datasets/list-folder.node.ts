import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../base/errors.js';
import { reasonOf } from '../base/files.node.js';

/** Names in a folder, sorted, without hidden ones. Links count as what they point to. */
interface Listing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/**
 * Lists a folder.
 *
 * @throws UtadError not-found or io, naming the folder.
 */
export async function listFolder(folder: string): Promise<Listing> {
  const entries = await read(folder);
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const isFolder = entry.isSymbolicLink()
      ? await stat(join(folder, entry.name)).then(
          (target) => target.isDirectory(),
          () => false,
        )
      : entry.isDirectory();
    (isFolder ? folders : files).push(entry.name);
  }
  return { files: files.sort(), folders: folders.sort() };
}

async function read(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    return fail(
      code === 'ENOENT' ? 'not-found' : code === 'ENOTDIR' ? 'bad-argument' : 'io',
      {
        where: folder,
        expected: 'a data set folder',
        got: code === 'ENOENT' ? 'nothing there' : code === 'ENOTDIR' ? 'a file' : reasonOf(cause),
        todo: 'Check the path.',
      },
      { cause },
    );
  }
}
