import { stat } from 'node:fs/promises';
import { fail } from '../../../base/errors.js';

/** The two files of a pair. */
export interface NiftiPair {
  readonly header: string;
  readonly voxels: string;
}

/**
 * The .hdr/.img pair that a file belongs to by its name, packed or not; nothing for other names.
 *
 * @throws UtadError not-found naming the other file when it is not beside the first.
 */
export async function findPair(path: string): Promise<NiftiPair | undefined> {
  const parts = /^(.*\.)(hdr|img)(\.gz)?$/i.exec(path);
  if (!parts) return undefined;
  const [, stem, ending, packed] = parts as unknown as [string, string, string, string?];
  const isHeader = ending.toLowerCase() === 'hdr';
  const partner = isHeader ? 'img' : 'hdr';
  const sameCase = ending === ending.toUpperCase() ? partner.toUpperCase() : partner;
  const likely = `${stem}${sameCase}`;
  const endings = packed === undefined ? ['', '.gz', '.GZ'] : [packed, ''];
  const candidates = endings.map((gz) => likely + gz);
  for (const other of candidates) {
    if (await isFile(other))
      return isHeader ? { header: path, voxels: other } : { header: other, voxels: path };
  }
  return fail('not-found', {
    where: path,
    expected: `its other half beside it, ${candidates[0]}`,
    got: 'no such file',
    todo: 'A .hdr file and its .img file belong together: put both into one folder under one name.',
  });
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
