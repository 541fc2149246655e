import { lstat, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { refuse } from '../../base/errors.js';
import { requireReplaceable } from '../../base/protected-inputs.node.js';
import { isLeftover, writtenAs } from '../../base/temporary.node.js';
import { isOwnJson, isRenewable } from '../../datasets/own-output.node.js';
import { sidecarOf } from '../../datasets/synthetic.node.js';
import { fileFormats } from '../../imaging/formats/formats.js';
import type { SeriesFormat } from '../../imaging/volume-format.js';
import { hasSidecar } from './sidecar.js';

/** Whether something lies at a path that would be lost; an empty folder would not. */
export async function isOccupied(path: string): Promise<boolean> {
  // A link that leads nowhere is something too: it may lead to a scan that is not here now.
  const found = await stat(path).catch(() => lstat(path).catch(() => undefined));
  if (!found?.isDirectory()) return found !== undefined;
  return readdir(path).then(
    ({ length }) => length > 0,
    () => true,
  );
}

/**
 * Refuses to overwrite a volume or a sidecar that this program did not write. What is damaged is written anew, except
 * in a data set.
 *
 * @throws UtadError exists.
 */
export async function requireOurs(out: string): Promise<void> {
  await requireReplaceable(out);
  const sidecar = sidecarOf(out);
  const other =
    (await isOccupied(out)) && !(await isRenewable(out))
      ? out
      : (await isOccupied(sidecar)) && !(await isOwnJson(sidecar))
        ? sidecar
        : undefined;
  if (other === undefined) return;
  refuse('exists', {
    where: other,
    problem: (await hasSidecar(out))
      ? 'took the place of what utad translate wrote there'
      : 'exists and was not written by utad translate',
    todo: 'Choose another folder, or overwrite it with --force.',
  });
}

/**
 * Refuses to replace a folder unless it holds a series that this program wrote, and nothing else.
 *
 * @throws UtadError exists.
 */
export async function requireOurSeries(out: string, { isOwnName }: SeriesFormat): Promise<void> {
  const names = await readdir(out).catch(() => []);
  const ours = names.every(isOwnName) && (await hasSidecar(out));
  if (names.length === 0 || ours) return;
  refuse('exists', {
    where: out,
    problem: 'holds other files than a series that utad translate wrote',
    todo: 'Choose another folder.',
  });
}

/** Removes what an earlier process left half-written when it was killed. */
export async function removeLeftoversOf(out: string): Promise<void> {
  const names = await readdir(dirname(out)).catch(() => []);
  const start = basename(sidecarOf(out)).replace(/\.json$/, '');
  const endings = ['', '.json', ...fileFormats.flatMap(({ extensions }) => extensions)];
  for (const name of names) {
    const visible = name.replace(/^\./, '');
    const ending = visible.startsWith(start) ? writtenAs(visible.slice(start.length)) : undefined;
    const path = join(dirname(out), name);
    if (ending !== undefined && endings.includes(ending) && (await isLeftover(path)))
      await rm(path, { recursive: true, force: true });
  }
}
