import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireArguments } from './arguments.js';
import { fail, UtadError } from './errors.js';
import { failToWrite, makeFolder } from './files.node.js';
import { requireReplaceable } from './protected-inputs.node.js';
import { temporaryFolder } from './temporary.node.js';

/**
 * Writes files into a new folder, whole or not at all: into a temporary neighbour that then takes its name.
 *
 * @param files file name → content
 * @throws UtadError exists when the folder exists and is not empty; io when it cannot be written.
 */
export async function writeFolderAtomic(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  requireArguments('writeDicomFolder', { folder: [folder, 'text'], files: [files, 'map'] });
  await requireReplaceable(folder);
  const present = await readdir(folder).catch(() => []);
  if (present.length > 0) {
    fail('exists', {
      where: folder,
      expected: 'a new or empty folder',
      got: `one with ${present.length} files`,
      todo: 'Choose another folder or empty this one.',
    });
  }
  const temporary = temporaryFolder(folder);
  try {
    await makeFolder(temporary);
    for (const [name, bytes] of files) await writeFile(join(temporary, name), bytes);
    // An empty folder gives way to a folder that is renamed over it.
    await rename(temporary, folder);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    if (cause instanceof UtadError) throw cause;
    failToWrite(folder, cause);
  }
}
