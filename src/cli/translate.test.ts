import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tinyMetadata, tinyModelFile } from '../../test/fixtures/tiny-model.js';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { readFileBytes } from '../base/files.node.js';
import { readVolumeFile, writeVolumeFile } from '../imaging/volume-file.node.js';
import { addTranslateCommand } from './translate.js';

let folder: string;
let scan: string;
let model: string;
const lines: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-cli-translate-'));
  scan = join(folder, 'p01_t1.nii.gz');
  model = await tinyModelFile();
  await writeVolumeFile(scan, smoothHead([30, 30, 10], [8, 8, 14]));
  lines.length = 0;
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function translate(path: string, ...options: readonly string[]): Promise<void> {
  const program = new Command();
  addTranslateCommand(program);
  await program.parseAsync(['node', 'utad', 'translate', path, '--model', model, ...options]);
}

describe('utad translate', () => {
  it('writes a volume on the same grid whose header says that it is synthetic', async () => {
    const out = join(folder, 'made.nii');
    await translate(scan, '--to', 't2', '--out', out, '--datatype', 'int16');
    const [source, made] = [await readVolumeFile(scan), await readVolumeFile(out)];
    expect(made.size).toEqual(source.size);
    expect(made.affineVoxelToWorld).toEqual(source.affineVoxelToWorld);
    expect(made.nifti?.voxelType).toBe('int16');
    expect(new TextDecoder('latin1').decode((await readFileBytes(out)).subarray(148, 228))).toMatch(
      /^synthetic t2 from t1, utad-net 0\.1\.0\0/,
    );
    expect(lines.join()).toMatch(
      /made\.nii.*synthetic t2 from t1, 30×30×10 at 8×8×14 mm, LPS.*values .* s on cpu/,
    );
  });

  it('writes all others into a folder, under names that no data set reader takes for scans', async () => {
    await translate(scan, '--to', 'all', '--out', join(folder, 'made'));
    expect((await readdir(join(folder, 'made'))).sort()).toEqual([
      'p01_flair-synthetic.nii.gz',
      'p01_t1ce-synthetic.nii.gz',
      'p01_t2-synthetic.nii.gz',
    ]);
  });

  it('overwrites nothing unless told to, and never the volume itself', async () => {
    const out = join(folder, 'made.nii.gz');
    await translate(scan, '--to', 't2', '--out', out);
    await expect(translate(scan, '--to', 't2', '--out', out)).rejects.toThrow(
      'made.nii.gz: expected no file there yet, got one. Choose another name, or overwrite it with --force.',
    );
    await translate(scan, '--to', 't2', '--out', out, '--force');
    await expect(translate(scan, '--to', 't2', '--out', scan, '--force')).rejects.toThrow(
      '--out: expected another file than the volume itself',
    );
  });

  it('asks for the modality where the name does not say it', async () => {
    const unnamed = join(folder, 'scan.nii.gz');
    await writeVolumeFile(unnamed, await readVolumeFile(scan));
    const out = join(folder, 'made.nii.gz');
    await expect(translate(unnamed, '--to', 't2', '--out', out)).rejects.toThrow(
      'expected a file name that ends in one of _t1, _t1ce, _t2, _flair, got one that does not say its modality. Say what the volume is with --from.',
    );
    await translate(unnamed, '--to', 't2', '--out', out, '--from', 'flair');
    expect(lines.join()).toContain('synthetic t2 from flair');
  });

  it.each([
    [['--to', 't1'], '--to: expected another modality than t1, which the volume is already, got t1'],
    [['--to', 't1c'], '--to: expected one of t1, t1ce, t2, flair, got t1c. Did you mean t1?'],
    [['--to', 't2', '--from', 'T2'], '--from: expected one of t1, t1ce, t2, flair, got T2. Did you mean t2?'],
    [['--to', 't2', '--threads', 'many'], '--threads: expected a whole number from 1 to 256, got many'],
  ])('refuses %j', async (options, message) => {
    await expect(translate(scan, ...options, '--out', join(folder, 'o.nii'))).rejects.toThrow(message);
  });

  it('refuses names that are no NIfTI file, and whole numbers for values from 0 to 1', async () => {
    await expect(translate(scan, '--to', 't2', '--out', join(folder, 'o.png'))).rejects.toThrow(
      '--out: expected a name that ends in .nii or .nii.gz',
    );
    const unit = Object.fromEntries(['t1', 't1ce', 't2', 'flair'].map((name) => [name, { low: 0, high: 1 }]));
    model = await tinyModelFile({ ...tinyMetadata(), valueRanges: unit });
    await expect(
      translate(scan, '--to', 't2', '--out', join(folder, 'o.nii'), '--datatype', 'int16'),
    ).rejects.toThrow('got 0 to 1 for t2. Write float32.');
  });
});
