import { lstat, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readVolumeFile, writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { spacingOf } from '../imaging/geometry.js';
import { noOrigin, type Volume } from '../imaging/volume.js';
import { addCorruptMasksCommand } from './add-corrupt-masks-command.js';

/** Voxels of 2 × 2 × 4 mm, so that millimetres differ from voxels and along the axes. */
const size = [16, 16, 10] as const;
const affine = [-2, 0, 0, 0, 0, -2, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1];
const volumeOf = (at: (i: number, j: number, k: number) => number): Volume => ({
  size,
  affineVoxelToWorld: affine as unknown as Volume['affineVoxelToWorld'],
  origin: noOrigin,
  data: Float32Array.from({ length: 16 * 16 * 10 }, (_, n) =>
    at(n % 16, Math.floor(n / 16) % 16, Math.floor(n / 256)),
  ),
});
const isTumour = (i: number, j: number, k: number): boolean =>
  Math.abs(i - 8) <= 2 && Math.abs(j - 8) <= 2 && Math.abs(k - 5) <= 1;

let folder: string;
beforeAll(async () => {
  vi.spyOn(console, 'log').mockReturnValue();
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  folder = await mkdtemp(join(tmpdir(), 'utad-corrupt-'));
  for (const id of ['a', 'b', 'c', 'd']) {
    await mkdir(join(folder, 'data', id), { recursive: true });
    for (const name of ['t1', 't2'])
      await writeVolumeFile(
        join(folder, 'data', id, `${id}_${name}.nii.gz`),
        volumeOf((i) => i + 1),
      );
    const labels = volumeOf((i, j, k) => (isTumour(i, j, k) ? (i > 8 ? 4 : 2) : 0));
    await writeVolumeFile(join(folder, 'data', id, `${id}_seg.nii.gz`), labels);
  }
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function corrupt(out: string, ...options: string[]): Promise<void> {
  const program = new Command().exitOverride();
  addCorruptMasksCommand(program);
  const args = ['corrupt-masks', join(folder, 'data'), '--out', join(folder, out), ...options];
  await program.parseAsync(['node', 'utad', ...args]);
}

const maskOf = (out: string, id: string): Promise<Volume> =>
  readVolumeFile(join(folder, out, id, `${id}_seg.nii.gz`));
const expectMask = (mask: Volume, inside: (i: number, j: number, k: number) => boolean): void =>
  expect(Array.from(mask.data)).toEqual(Array.from(volumeOf((i, j, k) => Number(inside(i, j, k))).data));

it('links the images and writes the whole tumour as 1', async () => {
  await corrupt('same');
  expectMask(await maskOf('same', 'a'), isTumour);
  const image = join(folder, 'same/a/a_t1.nii.gz');
  expect((await lstat(image)).isSymbolicLink()).toBe(true);
  expect((await readVolumeFile(image)).data[3]).toBe(4);
});

it('moves borders by millimetres: slices are twice as far apart as voxels within them', async () => {
  await corrupt('grown', '--grow', '2');
  const plus = (i: number, j: number, k: number): boolean =>
    isTumour(i, j, k) ||
    isTumour(i - 1, j, k) ||
    isTumour(i + 1, j, k) ||
    isTumour(i, j - 1, k) ||
    isTumour(i, j + 1, k);
  expectMask(await maskOf('grown', 'b'), plus);
  await corrupt('shrunk', '--grow', '-2');
  expectMask(
    await maskOf('shrunk', 'b'),
    (i, j, k) => Math.abs(i - 8) <= 1 && Math.abs(j - 8) <= 1 && Math.abs(k - 5) <= 1,
  );
});

it('shifts by a length in a direction of each own, and says which', async () => {
  await corrupt('shifted', '--shift', '8');
  const { cases } = JSON.parse(await readFile(join(folder, 'shifted/corrupted-masks.json'), 'utf8'));
  const voxels = ['a', 'b'].map((id) =>
    (cases[id].shiftMm as number[]).map((mm, axis) =>
      Math.round(mm / spacingOf(affine as unknown as Volume['affineVoxelToWorld'])[axis]!),
    ),
  );
  expect(Math.hypot(...cases.a.shiftMm)).toBeCloseTo(8, 6);
  expect(voxels[0]).not.toEqual(voxels[1]);
  const [di, dj, dk] = voxels[0] as [number, number, number];
  expectMask(await maskOf('shifted', 'a'), (i, j, k) => isTumour(i - di, j - dj, k - dk));
});

it('leaves out the masks of a share of the patients, the same for the same seed', async () => {
  await corrupt('missing', '--missing', '0.5');
  await corrupt('again', '--missing', '0.5');
  await corrupt('other', '--missing', '0.5', '--seed', '3');
  const lost = async (out: string): Promise<string[]> => {
    const { cases } = JSON.parse(await readFile(join(folder, out, 'corrupted-masks.json'), 'utf8'));
    return Object.keys(cases).filter((id) => cases[id].mask === 'left out');
  };
  expect(await lost('missing')).toHaveLength(2);
  expect(await lost('again')).toEqual(await lost('missing'));
  expect(await lost('other')).not.toEqual(await lost('missing'));
  await expect(maskOf('missing', (await lost('missing'))[0]!)).rejects.toThrow(/there is no such file/);
});

it.each([
  [['--missing', '1'], '--missing: expected a share from 0 to below 1, got 1'],
  [['--shift', '-2'], '--shift: expected a length of 0 mm or more, got -2'],
  [['--grow', 'much'], '--grow: expected a number, got much'],
])('refuses %j', async (options, message) => {
  await expect(corrupt('refused', ...options)).rejects.toThrow(message);
});

it('writes into no folder that holds something', async () => {
  await expect(corrupt('data')).rejects.toThrow('data: this folder is not empty');
});
