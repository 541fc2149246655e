import { UtadError } from './errors.js';
import { reasonOf } from './files.node.js';

/** What disks and systems refuse: matters of the place, and no defects of a program. */
const refusals = [
  ...['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'ESTALE', 'ENODEV', 'EBUSY', 'ETXTBSY'],
  ...['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'ELOOP', 'ENAMETOOLONG', 'EMFILE', 'ENFILE'],
];

/**
 * An error of the system, as a message for people: of work on files that says nothing of its own about it.
 *
 * @returns undefined where the error is something else
 */
export function systemRefusal(error: unknown): UtadError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall, path, dest }: NodeJS.ErrnoException & { readonly dest?: string } = error;
  if (syscall === undefined || code === undefined || !refusals.includes(code)) return undefined;
  const todo = 'Check the path, its permissions and the free space.';
  const where = dest ?? path ?? syscall;
  return new UtadError(
    'io',
    { where, problem: `the system refused: ${reasonOf(error)}`, todo },
    { cause: error },
  );
}
