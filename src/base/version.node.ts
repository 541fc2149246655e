import { readFileSync } from 'node:fs';
import { fail } from './errors.js';

/**
 * The version in this package's own package.json, the nearest above this file: how far up it lies depends on what was built.
 *
 * @throws UtadError not-found where there is none.
 */
export function packageVersion(): string {
  for (const levels of [2, 3]) {
    const version = versionIn(new URL(`${'../'.repeat(levels)}package.json`, import.meta.url));
    if (version !== null) return version;
  }
  return fail('not-found', {
    where: 'utad-net',
    expected: 'its package.json',
    got: 'none above its files',
    todo: 'Install the package again.',
  });
}

function versionIn(file: URL): string | null {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
