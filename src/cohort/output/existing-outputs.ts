import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { refuse } from '../../base/errors.js';
import { sidecarOf } from '../../datasets/synthetic.node.js';
import { fileFormats } from '../../imaging/formats/formats.js';
import type { SeriesFormat } from '../../imaging/volume-format.js';
import { hasSidecar } from './sidecar.js';

/** Whether something lies at a path that would be lost; an empty folder would not. */
export async function isOccupied(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return found !== undefined;
  return readdir(path).then(
    ({ length }) => length > 0,
    () => true,
  );
}

/** Refuses to overwrite what this program did not write. @throws UtadError bad-argument. */
export async function requireOurs(out: string): Promise<void> {
  if (!(await isOccupied(out)) || (await hasSidecar(out))) return;
  refuse('bad-argument', {
    where: out,
    problem: 'exists and was not written by utad translate',
    todo: 'Choose another folder, or overwrite it with --force.',
  });
}

/**
 * Refuses to replace a folder unless it holds a series that this program wrote, and nothing else.
 *
 * @throws UtadError bad-argument.
 */
export async function requireOurSeries(out: string, { isOwnName }: SeriesFormat): Promise<void> {
  const names = await readdir(out).catch(() => []);
  const ours = names.every(isOwnName) && (await hasSidecar(out));
  if (names.length === 0 || ours) return;
  refuse('bad-argument', {
    where: out,
    problem: 'holds other files than a series that utad translate wrote',
    todo: 'Choose another folder.',
  });
}

/** Removes what an earlier process left half-written when it was killed. */
export async function removeLeftovers(out: string): Promise<void> {
  const names = await readdir(dirname(out)).catch(() => []);
  const start = basename(sidecarOf(out)).replace(/\.json$/, '');
  const leftover = /^(.*)\.[0-9a-f]{8}\.tmp$/;
  const endings = ['', '.json', ...fileFormats.flatMap(({ extensions }) => extensions)];
  for (const name of names) {
    const visible = name.replace(/^\./, '');
    const ending = visible.startsWith(start) ? leftover.exec(visible.slice(start.length))?.[1] : undefined;
    if (ending !== undefined && endings.includes(ending))
      await rm(join(dirname(out), name), { recursive: true, force: true });
  }
}
