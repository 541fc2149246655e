import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { thisProcess } from './process-identity.node.js';
import { isLeftover, removeLeftovers, temporaryPath, writtenAs } from './temporary.node.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-temporary-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const nameOf = (machine: string, pid: number): string =>
  `a.bin.${machine}${pid.toString(16).padStart(8, '0')}01234567.tmp`;

it('names what is being written by its machine and process', () => {
  const path = temporaryPath('/out/a.bin');
  expect(path).toMatch(/^\/out\/a\.bin\.[0-9a-f]{24}\.tmp$/);
  expect(writtenAs(path)).toBe('/out/a.bin');
  expect(writtenAs('/out/notes.tmp')).toBeUndefined();
  expect(temporaryPath('/out/a.bin')).not.toBe(path);
});

it('takes for left behind what a dead process, version 0.1.0, or another machine long ago has begun', async () => {
  const { machine } = thisProcess();
  const cases: [string, boolean][] = [
    [temporaryPath('a.bin'), false],
    [nameOf(machine, 2 ** 22 - 3), true],
    ['a.bin.0123abcd.tmp', true],
    [nameOf('ffffffff', 1), false],
    ['notes.tmp', false],
  ];
  for (const [name, expected] of cases) {
    await writeFile(join(folder, name), '');
    expect(await isLeftover(join(folder, name)), name).toBe(expected);
  }
  const old = new Date(Date.now() - 2 * 3_600_000);
  await utimes(join(folder, nameOf('ffffffff', 1)), old, old);
  expect(await isLeftover(join(folder, nameOf('ffffffff', 1)))).toBe(true);
});

it('removes files and folders that were left behind, however deep, and nothing else', async () => {
  const place = join(folder, 'out');
  const dead = nameOf(thisProcess().machine, 2 ** 22 - 3);
  await mkdir(join(place, 'p1', `.series.${dead.slice('a.bin.'.length)}`, 'deep'), { recursive: true });
  for (const name of ['p1/a.nii', `p1/${dead}`, 'notes.tmp']) await writeFile(join(place, name), '');
  await removeLeftovers(place);
  expect((await readdir(place, { recursive: true })).sort()).toEqual(['notes.tmp', 'p1', 'p1/a.nii']);
  await removeLeftovers(join(folder, 'none'));
});
