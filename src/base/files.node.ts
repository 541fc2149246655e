import {
  access,
  constants,
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fail, refuse, UtadError } from './errors.js';
import { protectFiles, requireReplaceable } from './protected-inputs.node.js';
import { temporaryPath } from './temporary.node.js';

/** How often a file is written again whose temporary neighbour another process took for a leftover. */
const writesAgain = 4;

/**
 * Writes a file whole or not at all: into a temporary neighbour, flushed, then renamed over the old one. Two processes
 * that write the same file do not harm each other: it is the one's or the other's.
 *
 * @param beforeReplace runs when all is written and before it takes its place
 * @throws UtadError io when the folder cannot be written or the disk is full; the old file is untouched then.
 * exists when the old file is an input, see {@link requireReplaceable}.
 */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string,
  beforeReplace?: () => Promise<void>,
): Promise<void> {
  for (let again = 0; ; again++) {
    try {
      return await replaceFile(path, (file) => file.writeFile(data), beforeReplace);
    } catch (error) {
      const { code, syscall } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
      if (again === writesAgain || code !== 'ENOENT' || syscall !== 'rename') throw error;
    }
  }
}

/**
 * Writes a file whole or not at all, by pieces: `write` appends them to the temporary neighbour with `writeFile`,
 * which unlike `write` goes on until everything is written.
 *
 * @returns what `write` returned
 * @throws UtadError io as {@link writeFileAtomic}; what `write` threw otherwise.
 */
export async function replaceFile<T>(
  path: string,
  write: (file: FileHandle) => Promise<T>,
  beforeReplace?: () => Promise<void>,
): Promise<T> {
  await requireReplaceable(path);
  return writeBeside(path, write, async (temporary) => {
    await beforeReplace?.();
    await rename(temporary, path);
  });
}

/**
 * Writes a file whole where nothing has its name.
 *
 * @returns false, and nothing is written, where something has it: of several processes that try, one gets true
 * @throws UtadError io as {@link writeFileAtomic}.
 */
export async function writeNewFile(path: string, data: Uint8Array | string): Promise<boolean> {
  let isNew = true;
  await writeBeside(
    path,
    (file) => file.writeFile(data),
    async (temporary) => {
      // Unlike renaming, a link replaces nothing.
      await link(temporary, path).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') isNew = false;
        else isNew = await renameToFree(temporary, path);
      });
      await rm(temporary, { force: true });
    },
  );
  return isNew;
}

/** For disks without links. */
async function renameToFree(temporary: string, path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await rename(temporary, path);
  return true;
}

async function writeBeside<T>(
  path: string,
  write: (file: FileHandle) => Promise<T>,
  place: (temporary: string, path: string) => Promise<void>,
): Promise<T> {
  const temporary = temporaryPath(path);
  try {
    await makeFolders(dirname(path));
    const file = await open(temporary, 'w');
    let result: T;
    try {
      result = await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(temporary, path);
    return result;
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (cause instanceof Error && 'syscall' in cause) failToWrite(path, cause);
    throw cause;
  }
}

/**
 * Makes a folder and those above it, where they are not there.
 *
 * @returns the outermost one that was made; undefined where all were there
 * @throws UtadError io when it cannot be made, or a file has its name.
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    return await makeFolders(folder);
  } catch (cause) {
    return refuse(
      'io',
      {
        where: folder,
        problem: `cannot make this folder: ${reasonOf(cause)}`,
        todo: 'Free space or choose another folder.',
      },
      { cause },
    );
  }
}

/**
 * Makes sure that a folder can be written to, before long work for it.
 *
 * @throws UtadError io.
 */
export async function requireWritableFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
    await access(folder, constants.W_OK);
  } catch (cause) {
    failToWrite(folder, cause);
  }
}

/** As `mkdir`, which on some disks gives ENOENT whatever its reason. */
async function makeFolders(folder: string): Promise<string | undefined> {
  try {
    return await mkdir(folder, { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    let missing = resolve(folder);
    while (missing !== dirname(missing) && !(await stat(dirname(missing)).then(Boolean, () => false)))
      missing = dirname(missing);
    // Throws the reason.
    await mkdir(missing);
    await mkdir(folder, { recursive: true });
    return missing;
  }
}

/** Says why a file could not be written. @throws UtadError io, always. */
export function failToWrite(path: string, cause: unknown): never {
  return refuse(
    'io',
    {
      where: path,
      problem: `cannot write this file: ${reasonOf(cause)}`,
      todo: 'Free space or choose another folder.',
    },
    { cause },
  );
}

/** Says why a file could not be read. @throws UtadError not-found or io, always. */
export function failToRead(path: string, cause: unknown): never {
  const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const problem = missing ? 'there is no such file' : `cannot read this file: ${reasonOf(cause)}`;
  return refuse(missing ? 'not-found' : 'io', { where: path, problem, todo: 'Check the path.' }, { cause });
}

/**
 * Keeps a file that is there already.
 *
 * @throws UtadError exists when something has this path.
 */
export async function requireNewFile(path: string): Promise<void> {
  if (!(await lstat(path).then(Boolean, () => false))) return;
  refuse('exists', {
    where: path,
    problem: 'this file exists already',
    todo: 'Choose another name, or overwrite it with --force.',
  });
}

/** Bytes that one call reads: more than 2 GiB at once are refused by the system. */
const readAtOnce = 2 ** 30;

/**
 * Reads a whole file, after a look at how large it is.
 *
 * @param maximumBytes larger files are refused unread
 * @throws UtadError not-found, io, or not-supported when it is larger than asked for, naming the path.
 */
export async function readFileBytes(
  path: string,
  maximumBytes = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  try {
    const facts = await stat(path);
    // A pipe or a device has no size to look at, and opening one may wait for ever.
    if (!facts.isFile())
      refuse('io', {
        where: path,
        problem: `this is ${facts.isDirectory() ? 'a folder' : 'a device or a pipe'}, not a file`,
        todo: 'Check the path.',
      });
    if (facts.size > maximumBytes) {
      fail('not-supported', {
        where: path,
        expected: `a file of at most ${maximumBytes} bytes`,
        got: `${facts.size}`,
        todo: 'Check the file, or raise the limit.',
      });
    }
    return await readExactly(path, facts.size);
  } catch (cause) {
    if (cause instanceof UtadError) throw cause;
    return failToRead(path, cause);
  }
}

/**
 * Reads a file that a person named, such as a model or a configuration: nothing that the same command writes replaces it.
 *
 * @throws UtadError as {@link readFileBytes}.
 */
export async function readInput(path: string): Promise<Uint8Array> {
  await protectFiles([path]);
  return readFileBytes(path);
}

async function readExactly(path: string, size: number): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const bytes = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await handle.read(bytes, filled, Math.min(size - filled, readAtOnce));
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

/** The short reason in a caught value. */
export function reasonOf(cause: unknown): string {
  if (cause instanceof Error) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC') return 'no space left on the disk (ENOSPC)';
    if (code === 'EDQUOT' || code === 'EFBIG') return `more than may be written there (${code})`;
    if (code === 'EACCES' || code === 'EPERM') return `no permission (${code})`;
    if (code === 'EROFS') return 'a disk that cannot be written (EROFS)';
    if (code === 'EEXIST' || code === 'ENOTDIR') return `a file is in the place of a folder (${code})`;
    if (code === 'EISDIR') return 'a folder is in its place (EISDIR)';
    return cause.message;
  }
  return String(cause);
}
