import { readFileSync } from 'node:fs';
import { refuse } from './errors.js';

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
  return refuse('not-found', {
    where: 'utad-net',
    problem: 'its package.json is missing',
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
