import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tinyModelFile } from '../../test/fixtures/tiny-model.js';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { readFileBytes } from '../base/files.node.js';
import { createGraph } from '../engine/graph/graph.js';
import { input, multiply, scale, shift } from '../engine/graph/operations.js';
import { writeOnnx } from '../engine/onnx/write-onnx.js';
import { writeNifti } from '../imaging/formats/nifti/write.js';
import { readVolumeFile, writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { overlap } from '../imaging/registration.js';
import { addTranslateCommand } from './add-translate-command.js';

let folder: string;
let scan: string;
let model: string;
const lines: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-cli-translate-'));
  scan = join(folder, 'p01_t1.nii.gz');
  model = await tinyModelFile(folder);
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
    expect(made.origin).toMatchObject({ format: 'nifti', header: { voxelType: 'int16' } });
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
      'p01_flair-synthetic.json',
      'p01_flair-synthetic.nii.gz',
      'p01_t1ce-synthetic.json',
      'p01_t1ce-synthetic.nii.gz',
      'p01_t2-synthetic.json',
      'p01_t2-synthetic.nii.gz',
    ]);
  });

  it('overwrites nothing unless asked to, and never the volume itself', async () => {
    const out = join(folder, 'made.nii.gz');
    await translate(scan, '--to', 't2', '--out', out);
    await expect(translate(scan, '--to', 't2', '--out', out)).rejects.toThrow(
      'made.nii.gz: exists already. Choose another name, or overwrite it with --force.',
    );
    await translate(scan, '--to', 't2', '--out', out, '--force');
    await expect(translate(scan, '--to', 't2', '--out', scan, '--force')).rejects.toThrow(
      'this is the volume itself. Name another file.',
    );
  });

  it('asks for the modality where the name does not say it', async () => {
    const unnamed = join(folder, 'scan.nii.gz');
    await writeVolumeFile(unnamed, await readVolumeFile(scan));
    const out = join(folder, 'made.nii.gz');
    await expect(translate(unnamed, '--to', 't2', '--out', out)).rejects.toThrow(
      /expected a file name that surely says one of t1, t1ce, t2, flair, got .*, which does not name a modality\. Name the modality of the volume with --from\./,
    );
    await translate(unnamed, '--to', 't2', '--out', out, '--from', 'flair');
    expect(lines.join()).toContain('synthetic t2 from flair');
  });

  it('knows the modalities by the names that data sets give them', async () => {
    await translate(scan, '--to', 't2f', '--from', 'T1n', '--out', join(folder, 'made.nii.gz'));
    expect(lines.join()).toContain('synthetic flair from t1');
  });

  it('asks where a name is unsure, and where the .json beside it says otherwise', async () => {
    const asking = async (name: string, message: RegExp): Promise<void> => {
      const path = join(folder, name);
      await copyFile(scan, path);
      await expect(translate(path, '--to', 't2', '--out', join(folder, 'made.nii.gz'))).rejects.toThrow(
        message,
      );
    };
    await asking(
      'P1_T1_to_FLAIR.nii.gz',
      /its name says “t1” and “flair”\. Name the modality .* with --from/,
    );
    await asking('P_ce_T1.nii.gz', /its name says “ce” beside T1\. Name the modality/);
    await writeFile(join(folder, 'P_T1w.json'), JSON.stringify({ ContrastBolusAgent: 'Dotarem' }));
    await asking('P_T1w.nii.gz', /but its \.json says ContrastBolusAgent “Dotarem”/);
  });

  it('knows a pair by its name, and says what is assumed of a header without orientation', async () => {
    const bytes = writeNifti(await readVolumeFile(scan), { gzip: false });
    const header = bytes.slice(0, 352);
    const view = new DataView(header.buffer);
    for (const code of [252, 254]) view.setInt16(code, 0, true);
    view.setFloat32(108, 0, true);
    header.set(new TextEncoder().encode('ni1'), 344);
    await writeFile(join(folder, 'old_t1.hdr'), header);
    await writeFile(join(folder, 'old_t1.img'), bytes.subarray(352));
    const said = vi.spyOn(console, 'error').mockReturnValue(undefined);
    for (const name of ['old_t1.hdr', 'old_t1.img'])
      await translate(join(folder, name), '--to', 't2,flair', '--out', join(folder, name.slice(-3)));
    expect((await readdir(join(folder, 'img'))).filter((name) => name.endsWith('.gz'))).toEqual([
      'old_flair-synthetic.nii.gz',
      'old_t2-synthetic.nii.gz',
    ]);
    expect(String(said.mock.calls)).toContain('does not say how it lies: LAS at 8×8×14 mm is assumed');
  });

  it('warns of a volume that is synthetic itself', async () => {
    const made = join(folder, 'made.nii');
    await translate(scan, '--to', 't2', '--out', made);
    const said = vi.spyOn(console, 'error').mockReturnValue(undefined);
    await translate(made, '--from', 't2', '--to', 't1', '--out', join(folder, 'again.nii'));
    expect(String(said.mock.calls)).toContain('it is synthetic itself');
  });

  it('warns where the name says another modality than the person, and names what is not there', async () => {
    const said = vi.spyOn(console, 'error').mockReturnValue(undefined);
    await translate(scan, '--from', 'flair', '--to', 't2', '--out', join(folder, 'made.nii'));
    expect(String(said.mock.calls)).toContain('its name says t1; it is taken for flair, as --from says');
    await expect(
      translate(join(folder, 'no.nii'), '--to', 't2', '--out', join(folder, 'o.nii')),
    ).rejects.toThrow(
      'no.nii: expected a volume, DICOM files or a data set, got nothing there. Check the path.',
    );
  });

  it('takes one volume of a 4-D file, and names the option where none was chosen', async () => {
    const one = writeNifti(await readVolumeFile(scan), { gzip: false });
    // A second volume of nothing but 0 behind the first.
    const four = new Uint8Array(one.length + 4 * 30 * 30 * 10);
    four.set(one);
    const header = new DataView(four.buffer);
    header.setInt16(40, 4, true);
    header.setInt16(48, 2, true);
    const series = join(folder, 'series_t1.nii');
    await writeFile(series, four);
    const out = join(folder, 'made.nii');
    await expect(translate(series, '--to', 't2', '--out', out)).rejects.toThrow(
      /expected one volume, got a series of 2 .* Choose one by --volume-index, 0 to 1, or save one as a file of its own\.$/,
    );
    await translate(series, '--to', 't2', '--out', out, '--volume-index', '0');
    const plain = join(folder, 'plain.nii');
    await translate(scan, '--to', 't2', '--out', plain);
    expect((await readVolumeFile(out)).data).toEqual((await readVolumeFile(plain)).data);
    const chosen = (index: string) =>
      translate(series, '--to', 't2', '--out', join(folder, 'other.nii'), '--volume-index', index);
    await expect(chosen('1')).rejects.toThrow('series_t1.nii[1]: expected a brain, got an empty volume');
    await expect(chosen('2')).rejects.toThrow(
      'expected a volume index from 0 to 1, got 2. Choose one by --volume-index, 0 to 1.',
    );
    await expect(chosen('-1')).rejects.toThrow('--volume-index: expected a whole number from 0');
  });

  it.each([
    [['--to', 't1'], '--to: expected another modality than t1, which the volume is already, got t1'],
    [['--to', 't2s'], /expected one of t1, t1ce, t2, flair, got t2s\.$/],
    [['--to', 'T2*'], /got T2\*\.$/],
    [['--to', 'flare'], /got flare\. Did you mean flair\?$/],
    [['--to', 'pet'], /got pet\.$/],
    [['--to', 't2', '--from', 'T2w'], '--to: expected another modality than t2, which the volume is already'],
    [['--to', 't2', '--threads', 'many'], '--threads: expected a whole number from 1 to 256, got many'],
  ])('refuses %j', async (options, message) => {
    await expect(translate(scan, ...options, '--out', join(folder, 'o.nii'))).rejects.toThrow(message);
  });

  it('finds the brain by a mask or by a network where a skull is still there', async () => {
    const head = smoothHead([48, 48, 20], [5, 5, 8]);
    const skull = smoothHead([48, 48, 20], [5, 5, 8], undefined, [85, 100, 76]);
    const gap = smoothHead([48, 48, 20], [5, 5, 8], undefined, [72, 87, 66]);
    const data = head.data.map((v, i) => (v ? v : gap.data[i] ? 60 : skull.data[i] ? 2000 : 3 + (i % 5)));
    const whole = join(folder, 'p02_t1.nii.gz');
    await writeVolumeFile(whole, { ...head, data });
    const out = join(folder, 'made.nii.gz');
    await expect(translate(whole, '--to', 't2', '--out', out)).rejects.toThrow(
      /expected a skull-stripped volume.*brain mask/,
    );

    const mask = join(folder, 'mask.nii.gz');
    await writeVolumeFile(mask, { ...head, data: head.data.map((v) => (v ? 1 : 0)) });
    await translate(whole, '--to', 't2', '--out', out, '--mask-brain', mask);
    const brain = (await readVolumeFile(mask)).data;
    expect((await readVolumeFile(out)).data.map((v) => (v ? 1 : 0))).toEqual(brain);

    // A network that is sure between 0.1 and 0.6 of the range, where only the brain lies.
    const shape = [1, 1, 48, 48, 48];
    const x = shift(input('head', shape), -0.35);
    const network = join(folder, 'strip.onnx');
    const brainy = shift(scale(multiply(x, x), -8), 1);
    await writeFile(network, writeOnnx(createGraph('strip', { brain: brainy })));
    const description = {
      spacingMm: 6,
      multipleOf: 16,
      minimumSize: 48,
      maximumSize: 48,
      output: 'probability',
    };
    await writeFile(join(folder, 'strip.json'), JSON.stringify(description));
    await translate(whole, '--to', 't2', '--out', out, '--skull-strip', network, '--force');
    const found = (await readVolumeFile(out)).data.map((v) => (v ? 1 : 0));
    expect(overlap(Uint8Array.from(found), Uint8Array.from(brain))).toBeGreaterThan(0.9);
    await expect(
      translate(whole, '--to', 't2', '--out', out, '--skull-strip', network, '--mask-brain', mask, '--force'),
    ).rejects.toThrow('--skull-strip: cannot be combined with --mask-brain.');
  });

  it('reads no more than it is allowed to', async () => {
    const out = join(folder, 'made.nii');
    await expect(translate(scan, '--to', 't2', '--out', out, '--max-voxels', '8999')).rejects.toThrow(
      /p01_t1\.nii\.gz: expected at most 8999 voxels/,
    );
    await expect(translate(scan, '--to', 't2', '--out', out, '--max-bytes', '100')).rejects.toThrow(
      /at most 100 bytes/,
    );
    await translate(scan, '--to', 't2', '--out', out, '--max-voxels', '9000');
  });

  it('refuses for one volume what is for data sets', async () => {
    await expect(
      translate(scan, '--to', 't2', '--out', join(folder, 'o.nii'), '--jobs', '2'),
    ).rejects.toThrow('--jobs: only applies to a data set.');
  });

  it('refuses names that are no NIfTI file, and whole numbers for values from 0 to 1', async () => {
    await expect(translate(scan, '--to', 't2', '--out', join(folder, 'o.png'))).rejects.toThrow(
      '--out: expected a name that ends in .nii.gz or .nii',
    );
    const unit = Object.fromEntries(['t1', 't1ce', 't2', 'flair'].map((name) => [name, { low: 0, high: 1 }]));
    model = await tinyModelFile(folder, { valueRanges: unit });
    await expect(
      translate(scan, '--to', 't2', '--out', join(folder, 'o.nii'), '--datatype', 'int16'),
    ).rejects.toThrow('got 0 to 1 for t2. Use float32.');
  });
});
