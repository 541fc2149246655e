import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fail } from '../../base/errors.js';
import { sidecarOf } from '../../datasets/synthetic.node.js';
import { isSidecar } from './sidecar.js';

/** Refuses to overwrite what this program did not write. */
export async function requireOurs(out: string): Promise<void> {
  const there = await stat(out).then(Boolean, () => false);
  if (!there || (await isSidecar(sidecarOf(out)))) return;
  fail('bad-argument', {
    where: out,
    expected: 'nothing there, or a volume that utad translate made',
    got: 'something else',
    todo: 'Choose another folder, or overwrite it with --force.',
  });
}

/** Removes what an earlier process left half-written when it was killed. */
export async function removeLeftovers(out: string): Promise<void> {
  const names = await readdir(dirname(out)).catch(() => []);
  const start = basename(sidecarOf(out)).replace(/\.json$/, '');
  const leftover = /^(?:\.(?:json|nii|nii\.gz))?\.[0-9a-f]{8}\.tmp$/;
  for (const name of names) {
    const visible = name.replace(/^\./, '');
    if (visible.startsWith(start) && leftover.test(visible.slice(start.length)))
      await rm(join(dirname(out), name), { recursive: true, force: true });
  }
}
