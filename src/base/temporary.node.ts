import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRunning, thisProcess } from './process-identity.node.js';

/** What names end in while they are written: machine, process, and a number at random; 0.1.0 had the last one alone. */
const ending = /\.(?:([0-9a-f]{8})([0-9a-f]{8}))?[0-9a-f]{8}\.tmp$/;

/** Other machines' processes cannot be looked at: what they have not touched for so long is taken for left behind. */
const leftBehindMs = 3_600_000;

/** A name beside a file or folder under which it is written, until it is whole. */
export function temporaryPath(path: string): string {
  const { machine, pid } = thisProcess();
  return `${path}.${machine}${pid.toString(16).padStart(8, '0')}${randomBytes(4).toString('hex')}.tmp`;
}

/** As {@link temporaryPath} for a folder, hidden. */
export function temporaryFolder(path: string): string {
  return temporaryPath(join(dirname(path), `.${basename(path)}`));
}

/** What a temporary name was for; undefined where it is none of ours. */
export function writtenAs(name: string): string | undefined {
  return ending.test(name) ? name.replace(ending, '') : undefined;
}

/**
 * Whether a file or folder was begun by a process that was killed.
 *
 * @param elsewhereMs for how long a process of another machine has not touched it
 */
export async function isLeftover(path: string, elsewhereMs = leftBehindMs): Promise<boolean> {
  const found = ending.exec(path);
  if (found === null) return false;
  const [, machine, pid] = found;
  if (machine === undefined || pid === undefined) return true;
  if (machine === thisProcess().machine) return !isRunning(Number.parseInt(pid, 16), null);
  const facts = await stat(path).catch(() => undefined);
  return facts !== undefined && Date.now() - facts.mtimeMs > elsewhereMs;
}

/**
 * Removes what killed processes have begun to write below a folder, and nothing of a process that lives.
 *
 * @param elsewhereMs as {@link isLeftover}
 */
export async function removeLeftovers(folder: string, elsewhereMs = leftBehindMs): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const { parentPath, name } of entries) {
    const path = join(parentPath, name);
    if (writtenAs(name) !== undefined && (await isLeftover(path, elsewhereMs)))
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
