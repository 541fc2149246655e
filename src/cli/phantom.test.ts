import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { findCases } from '../datasets/find-cases.node.js';
import { readNifti } from '../imaging/formats/nifti/read.js';
import { addPhantomCommand } from './add-phantom-command.js';

const folder = await mkdtemp(join(tmpdir(), 'phantom-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...options: string[]): Promise<void> {
  const program = new Command().exitOverride();
  addPhantomCommand(program);
  await program.parseAsync(['node', 'utad', 'phantom', ...options]);
}

describe('utad phantom', () => {
  const out = join(folder, 'set');

  it('writes patients in BraTS layout, each whole and nothing else', async () => {
    await run('--out', out, '--patients', '1', '--spacing', '4');
    expect(await readdir(out)).toEqual(['Phantom_001']);
    const files = await readdir(join(out, 'Phantom_001'));
    expect(files.sort()).toEqual(
      ['flair', 'seg', 't1', 't1ce', 't2'].map((name) => `Phantom_001_${name}.nii.gz`),
    );
    const path = join(out, 'Phantom_001', 'Phantom_001_t1.nii.gz');
    const volume = readNifti(await readFile(path), path);
    expect(volume.size).toEqual([60, 60, 38]);
    expect(volume.affineVoxelToWorld).toEqual([-4, 0, 0, -1.5, 0, -4, 0, 237.5, 0, 0, 4, 1.5, 0, 0, 0, 1]);
    expect(volume.origin.header.voxelType).toBe('int16');
  });

  it('writes BIDS that inspect reads as such, with the meaning of the labels', async () => {
    const bids = join(folder, 'bids');
    await run('--out', bids, '--patients', '1', '--spacing', '4', '--layout', 'bids');
    expect((await readdir(bids)).sort()).toEqual(['dataset_description.json', 'dseg.tsv', 'sub-Phantom001']);
    const { layout, cases } = await findCases(bids);
    expect(layout).toBe('bids');
    expect(Object.keys(cases[0]!.modalities).sort()).toEqual(['flair', 't1', 't1ce', 't2']);
    expect(cases[0]!.labels?.regions).toEqual({ whole: [1, 2, 4], core: [1, 4], enhancing: [4] });
    await expect(run('--out', bids, '--patients', '1', '--spacing', '4', '--layout', 'bids')).rejects.toThrow(
      'the first is sub-Phantom001',
    );
  });

  it('refuses to overwrite patients unless forced', async () => {
    await expect(run('--out', out, '--patients', '1', '--spacing', '4')).rejects.toThrow(
      '1 of these patients exist already, the first is Phantom_001. Choose another folder, or overwrite them with --force.',
    );
    await run('--out', out, '--patients', '1', '--spacing', '4', '--format', 'nii', '--force');
    expect(await readdir(join(out, 'Phantom_001'))).toContain('Phantom_001_t1.nii');
    expect(await readdir(join(out, 'Phantom_001'))).toHaveLength(5);
  });

  it('refuses numbers that make no sense', async () => {
    await expect(run('--out', out, '--patients', '0')).rejects.toThrow(
      '--patients: expected a whole number from 1 to 999, got 0.',
    );
    await expect(run('--out', out, '--spacing', '3')).rejects.toThrow(
      'spacing: expected 1, 2 or 4 millimetres, got 3.',
    );
  });
});
