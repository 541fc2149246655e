import { stat } from 'node:fs/promises';
import { fail } from '../../base/errors.js';
import { endingOf, pairHalfOf } from './formats.js';

/** The two files of a pair. */
interface FilePair {
  readonly header: string;
  readonly voxels: string;
}

/**
 * The header and the file of voxels that a file belongs to by its name, packed or not; nothing for other names.
 *
 * @throws UtadError not-found naming the other file when it is not beside the first.
 */
export async function findPair(path: string): Promise<FilePair | undefined> {
  const found = pairHalfOf(path);
  if (found === undefined) return undefined;
  const { half, others } = found;
  for (const other of others)
    if (await isFile(other))
      return half === 'header' ? { header: path, voxels: other } : { header: other, voxels: path };
  const [header, voxels] = half === 'header' ? [path, others[0]!] : [others[0]!, path];
  const plain = (name: string): string => endingOf(name)!.replace(/\.gz$/, '');
  return fail('not-found', {
    where: path,
    expected: `its other half beside it, ${others[0]}`,
    got: 'no such file',
    todo: `A ${plain(header)} file and its ${plain(voxels)} file belong together: put both into one folder under one name.`,
  });
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
