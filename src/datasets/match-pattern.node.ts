import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listFolder } from './list-folder.node.js';
import { matchName, type NameBindings, namePattern } from './name-pattern.js';

/** A file or folder that a pattern names, and whose it is. */
export interface PatternMatch {
  readonly path: string;
  readonly patient: string;
  readonly session?: string;
}

/**
 * Finds what a pattern such as `{patient}/{session}/*_t1.nii.gz` names. `*` stands for any part of a name,
 * `{patient}` and `{session}` for parts that are the same wherever they occur in the path.
 *
 * @param kind whether the last name is a file's or a folder's
 */
export async function matchPattern(
  folder: string,
  pattern: string,
  kind: 'file' | 'folder',
): Promise<readonly PatternMatch[]> {
  const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
  return walk(folder, segments, kind, {});
}

async function walk(
  folder: string,
  [segment, ...rest]: readonly string[],
  kind: 'file' | 'folder',
  bound: NameBindings,
): Promise<readonly PatternMatch[]> {
  if (segment === undefined) {
    const { patient, session } = bound;
    if (patient === undefined) return [];
    return [{ path: folder, patient, ...(session === undefined ? {} : { session }) }];
  }
  if (!/[*{]/.test(segment)) {
    const next = join(folder, segment);
    return existsSync(next) ? walk(next, rest, kind, bound) : [];
  }
  const { files, folders } = await listFolder(folder);
  const names = rest.length === 0 && kind === 'file' ? files : folders;
  const wanted = namePattern(segment);
  const found: PatternMatch[] = [];
  for (const name of names) {
    const match = matchName(wanted, name, bound);
    if (match) found.push(...(await walk(join(folder, name), rest, kind, match)));
  }
  return found;
}
