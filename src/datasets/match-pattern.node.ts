import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listFolder } from './list-folder.node.js';

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

type Bound = Readonly<Partial<Record<'patient' | 'session', string>>>;

async function walk(
  folder: string,
  [segment, ...rest]: readonly string[],
  kind: 'file' | 'folder',
  bound: Bound,
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
  const wanted = regexOf(segment, bound);
  const found: PatternMatch[] = [];
  for (const name of names) {
    const match = wanted.exec(name);
    if (match) found.push(...(await walk(join(folder, name), rest, kind, { ...bound, ...match.groups })));
  }
  return found;
}

function regexOf(segment: string, bound: Bound): RegExp {
  const seen = new Set<string>();
  const source = segment.replace(
    /\{(patient|session)\}|\*|[\\^$.|?+()[\]{}]/g,
    (part, name?: keyof Bound) => {
      if (part === '*') return '.*';
      if (name === undefined) return `\\${part}`;
      const known = bound[name];
      if (known !== undefined) return known.replace(/[\\^$.*|?+()[\]{}]/g, '\\$&');
      if (seen.has(name)) return `\\k<${name}>`;
      seen.add(name);
      return `(?<${name}>.+?)`;
    },
  );
  return new RegExp(`^${source}$`);
}
