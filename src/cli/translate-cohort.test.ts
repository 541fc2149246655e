import { mkdir, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { size, spacing, writeSmoothPatient } from '../../test/fixtures/smooth-patients.js';
import { tinyMetadata, tinyModelFile, trainingFacts } from '../../test/fixtures/tiny-model.js';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { findCases } from '../datasets/find-cases.node.js';
import { fingerprintOf } from '../datasets/fingerprint.node.js';
import { readVolumeFile, writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { addTranslateCommand } from './add-translate-command.js';

let folder: string;
let data: string;
let out: string;
let model: string;
let printed: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-cohort-'));
  [data, out] = [join(folder, 'data'), join(folder, 'made')];
  model = await tinyModelFile(folder);
  await addPatient('p1', ['t1', 't2']);
  await addPatient('p2', ['flair']);
  await addPatient('p3', ['t1', 't1ce', 't2', 'flair']);
  printed = [];
  process.exitCode = undefined;
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
});
afterEach(async () => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const addPatient = (id: string, modalities: readonly string[]): Promise<void> =>
  writeSmoothPatient(data, id, modalities);
const scanOf = (id: string, name: string): string => join(data, id, `${id}_${name}.nii.gz`);
const madeOf = (id: string, name: string): string => join(out, id, `${id}_${name}-synthetic.nii.gz`);

async function translate(...options: readonly string[]): Promise<void> {
  const program = new Command();
  addTranslateCommand(program);
  const all = [
    'translate',
    data,
    '--model',
    model,
    '--out',
    out,
    '--jobs',
    '1',
    '--threads',
    '1',
    ...options,
  ];
  await program.parseAsync(['node', 'utad', ...all]);
}

async function summary(): Promise<{
  counts: Record<string, number>;
  patients: {
    id: string;
    status: string;
    volumes: { modality: string; from: string; status: string; chosenBy: string }[];
    messages: string[];
    warnings: string[];
  }[];
}> {
  return JSON.parse(await readFile(join(out, 'summary.json'), 'utf8'));
}

const statusOf = async (id: string): Promise<string | undefined> =>
  (await summary()).patients.find((one) => one.id === id)?.status;

async function filesBelow(path: string): Promise<string[]> {
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  return found
    .filter((one) => !one.isDirectory())
    .map((one) => join(one.parentPath, one.name).slice(path.length + 1))
    .sort();
}

describe('utad translate for a data set', () => {
  it('fills every gap, and says of each volume what it is and what it came from', async () => {
    await translate('--to', 'missing');
    expect(await filesBelow(out)).toEqual([
      'p1/p1_flair-synthetic.json',
      'p1/p1_flair-synthetic.nii.gz',
      'p1/p1_t1ce-synthetic.json',
      'p1/p1_t1ce-synthetic.nii.gz',
      'p2/p2_t1-synthetic.json',
      'p2/p2_t1-synthetic.nii.gz',
      'p2/p2_t1ce-synthetic.json',
      'p2/p2_t1ce-synthetic.nii.gz',
      'p2/p2_t2-synthetic.json',
      'p2/p2_t2-synthetic.nii.gz',
      'summary.json',
    ]);
    expect((await summary()).counts).toEqual({ translated: 2, kept: 0, complete: 1, failed: 0, stopped: 0 });
    expect(process.exitCode).toBeUndefined();
    const made = await readVolumeFile(madeOf('p2', 't2'));
    expect(made.affineVoxelToWorld).toEqual((await readVolumeFile(scanOf('p2', 'flair'))).affineVoxelToWorld);
    const sidecar = JSON.parse(await readFile(join(out, 'p2/p2_t2-synthetic.json'), 'utf8'));
    expect(sidecar).toMatchObject({
      Description: expect.stringContaining('Synthetic t2 made from flair'),
      Sources: ['../../data/p2/p2_flair.nii.gz'],
      SkullStripped: true,
      utad: {
        synthetic: true,
        modality: 't2',
        source: {
          modality: 'flair',
          fingerprint: await fingerprintOf(scanOf('p2', 'flair')),
          chosenBy: "first in the model's order",
        },
        model: { sha256: (await fingerprintOf(model)).slice('sha256:'.length) },
        recipe: { sliceSide: 32, foreground: { kind: 'nonzero' }, centre: 'grid', sliceSpacingMm: null },
        output: { fingerprint: await fingerprintOf(madeOf('p2', 't2')) },
      },
    });
    expect(printed.join('\n')).toMatch(
      /p1 +translated .*t1ce ← t1, flair ← t1[\s\S]*p3 +complete[\s\S]*2 translated, 1 complete\./,
    );
  });

  it('makes volumes that no reader of data sets takes for scans', async () => {
    await translate('--to', 'missing');
    await expect(findCases(out)).rejects.toThrow('got none of them');
    const bids = join(folder, 'bids');
    await translate('--to', 'missing', '--layout', 'bids', '--complete', '--out', bids);
    expect((await findCases(bids)).cases.map(({ modalities }) => Object.keys(modalities).sort())).toEqual([
      ['t1', 't2'],
      ['flair'],
      ['flair', 't1', 't1ce', 't2'],
    ]);
  });

  it('makes nothing of what a network made, even where its name is a scan’s', async () => {
    const completed = join(folder, 'completed');
    await translate('--to', 'missing', '--complete', 'copy', '--out', completed);
    const program = new Command();
    addTranslateCommand(program);
    const again = join(folder, 'again');
    const options = ['--to', 'all', '--model', model, '--out', again, '--jobs', '1', '--threads', '1'];
    await program.parseAsync(['node', 'utad', 'translate', completed, ...options]);
    const text = await readFile(join(again, 'summary.json'), 'utf8');
    const { patients } = JSON.parse(text) as { patients: { id: string; volumes: { from: string }[] }[] };
    const sources = patients.map(({ volumes }) => [...new Set(volumes.map(({ from }) => from))].sort());
    expect(sources).toEqual([['t1', 't2'], ['flair'], ['t1', 't1ce']]);
  });

  it('chooses the source by the model’s validation, or as asked', async () => {
    const score = (source: string, target: string, ssim: number) => ({ source, target, ssim, mae: 0.1 });
    const directions = [score('t1', 'flair', 0.7), score('t2', 'flair', 0.8), score('t1ce', 'flair', 0.9)];
    model = await tinyModelFile(folder, tinyMetadata({ training: trainingFacts(directions) }));
    await translate('--to', 'flair');
    const [p1] = (await summary()).patients;
    expect(p1?.volumes).toMatchObject([
      { modality: 'flair', from: 't2', chosenBy: "best of the model's validation (SSIM 0.800)" },
    ]);
    await translate('--to', 'flair', '--from', 't1');
    expect((await summary()).patients[0]?.volumes).toMatchObject([
      { modality: 'flair', from: 't1', chosenBy: '--from', status: 'translated' },
    ]);
  });

  it('records a broken patient, goes on with the others, and ends with status 1', async () => {
    await writeFile(scanOf('p1', 't1'), 'no image');
    await addPatient('p4', ['t1ce']);
    await unlink(scanOf('p4', 't1ce'));
    await writeFile(join(data, 'p4', 'p4_seg.nii.gz'), '');
    await translate('--to', 'missing');
    const { patients, counts } = await summary();
    expect(counts).toEqual({ translated: 1, kept: 0, complete: 1, failed: 2, stopped: 0 });
    expect(patients[0]?.messages.join()).toMatch(/p1_t1\.nii\.gz: expected .*NIfTI/);
    expect(patients[3]?.messages).toEqual([
      'p4: expected one of t1, t1ce, t2, flair to translate into t1, t1ce, t2, flair, got no volume.',
    ]);
    expect(process.exitCode).toBe(1);
    expect(printed.join('\n')).toContain('1 translated, 1 complete, 2 failed.');
    // What only needs the sound scan of the broken patient is made once that is asked for.
    process.exitCode = undefined;
    await translate('--to', 'flair', '--from', 't2');
    expect(await statusOf('p1')).toBe('translated');
  });

  it('keeps what is finished, and makes anew what was tampered with or came from another source or model', async () => {
    await translate('--to', 'missing');
    const written = (await stat(madeOf('p1', 'flair'))).mtimeMs;
    await translate('--to', 'missing');
    expect([await statusOf('p1'), await statusOf('p2')]).toEqual(['kept', 'kept']);
    expect((await stat(madeOf('p1', 'flair'))).mtimeMs).toBe(written);

    const before = await fingerprintOf(madeOf('p1', 'flair'));
    await writeFile(madeOf('p1', 'flair'), 'tampered');
    await translate('--to', 'missing');
    expect([await statusOf('p1'), await statusOf('p2')]).toEqual(['translated', 'kept']);
    expect(await fingerprintOf(madeOf('p1', 'flair'))).toBe(before);

    await writeVolumeFile(scanOf('p2', 'flair'), smoothHead(size, spacing));
    await translate('--to', 'missing');
    expect([await statusOf('p1'), await statusOf('p2')]).toEqual(['kept', 'translated']);

    await translate('--to', 'missing', '--datatype', 'int16');
    expect([await statusOf('p1'), await statusOf('p2')]).toEqual(['translated', 'translated']);
  });

  it('clears away what a killed process left, and overwrites nothing that it did not write', async () => {
    await mkdir(join(out, 'p1'), { recursive: true });
    await writeFile(`${madeOf('p1', 'flair')}.0123abcd.tmp`, 'half');
    await writeFile(madeOf('p1', 't1ce'), 'somebody else’s');
    await translate('--to', 'missing');
    expect(await readdir(join(out, 'p1'))).not.toContain('p1_flair-synthetic.nii.gz.0123abcd.tmp');
    expect((await summary()).patients[0]?.messages.join()).toContain(
      'p1_t1ce-synthetic.nii.gz: exists and was not written by utad translate.',
    );
    expect(await readFile(madeOf('p1', 't1ce'), 'utf8')).toBe('somebody else’s');
    await translate('--to', 'missing', '--force');
    expect(await statusOf('p1')).toBe('translated');
  });

  it('lays volumes out as BIDS derivatives', async () => {
    await addPatient('sub-0 4_ses-b', ['t2']);
    await translate('--to', 't1,t1ce,flair', '--layout', 'bids');
    expect(
      (await filesBelow(out)).filter((name) => name.endsWith('.nii.gz') || name.startsWith('data')),
    ).toEqual([
      'dataset_description.json',
      'sub-04/ses-b/anat/sub-04_ses-b_ce-gadolinium_desc-synthetic_T1w.nii.gz',
      'sub-04/ses-b/anat/sub-04_ses-b_desc-synthetic_FLAIR.nii.gz',
      'sub-04/ses-b/anat/sub-04_ses-b_desc-synthetic_T1w.nii.gz',
      'sub-p1/anat/sub-p1_ce-gadolinium_desc-synthetic_T1w.nii.gz',
      'sub-p1/anat/sub-p1_desc-synthetic_FLAIR.nii.gz',
      'sub-p2/anat/sub-p2_ce-gadolinium_desc-synthetic_T1w.nii.gz',
      'sub-p2/anat/sub-p2_desc-synthetic_T1w.nii.gz',
    ]);
    expect(JSON.parse(await readFile(join(out, 'dataset_description.json'), 'utf8'))).toMatchObject({
      DatasetType: 'derivative',
      GeneratedBy: [{ Name: 'utad-net' }],
    });
  });

  it.each(['link', 'copy'])('completes a data set for other tools by each %s of a scan', async (how) => {
    await translate('--to', 'missing', '--complete', how);
    const scansIn = async (includeSynthetic: boolean) => {
      const { cases, notes } = await findCases(out, { includeSynthetic });
      return { count: cases.map(({ modalities }) => Object.keys(modalities).length), notes };
    };
    expect(await scansIn(true)).toEqual({ count: [4, 4, 4], notes: [] });
    const text = '5 synthetic volumes left out, as the .json beside says';
    expect(await scansIn(false)).toEqual({ count: [2, 1, 4], notes: [{ severity: 'warning', text }] });
    expect(await fingerprintOf(join(out, 'p3/p3_t1.nii.gz'))).toBe(await fingerprintOf(scanOf('p3', 't1')));
    await translate('--to', 'missing', '--complete', how);
    expect((await summary()).counts).toMatchObject({ kept: 2, complete: 1 });
  });

  it('warns of modalities that are not registered and of one that looks like another', async () => {
    const moved = smoothHead(size, spacing).data;
    await addPatient('p5', ['t1']);
    await writeVolumeFile(scanOf('p5', 't2'), {
      ...smoothHead(size, spacing),
      data: moved.map((_, i) => moved[i - 3] ?? 0),
    });
    await writeVolumeFile(scanOf('p5', 'flair'), smoothHead([30, 30, 9], spacing));
    await translate('--to', 't1ce', '--from', 't1');
    const p5 = (await summary()).patients.find(({ id }) => id === 'p5');
    expect(p5?.status).toBe('translated');
    expect(p5?.warnings).toEqual([
      expect.stringMatching(
        /t1 and t2 may not be co-registered: the brains overlap by 0\.\d\d \(Dice\) only/,
      ),
      expect.stringMatching(/t1 and flair may not be co-registered: the grids differ: 30×30×8 .* 30×30×9/),
    ]);
  });

  it('takes a brain mask for each patient', async () => {
    for (const id of ['p1', 'p2']) {
      const head = smoothHead(size, spacing, undefined, [30, 30, 30]);
      await writeVolumeFile(join(folder, `${id}.nii.gz`), {
        ...head,
        data: head.data.map((v) => (v ? 1 : 0)),
      });
    }
    await translate('--to', 'missing', '--mask-brain', join(folder, '{id}.nii.gz'));
    const [made, mask] = [
      await readVolumeFile(madeOf('p1', 'flair')),
      await readVolumeFile(join(folder, 'p1.nii.gz')),
    ];
    expect(made.data.map((v) => (v ? 1 : 0))).toEqual(mask.data);
  });

  it('says one thing where the output cannot be written, the model is none, or the data set is none', async () => {
    await writeFile(out, 'a file where the folder should be');
    await expect(translate('--to', 'missing')).rejects.toThrow(/made.*cannot write this file/);
    await rm(out);
    await writeFile(join(folder, 'no.onnx'), 'no model');
    await expect(translate('--to', 'missing', '--model', join(folder, 'no.onnx'))).rejects.toThrow(
      'no.onnx: expected an ONNX file, got something else',
    );
    await expect(translate('--to', 'pet')).rejects.toThrow(
      '--to: expected one of t1, t1ce, t2, flair, got pet',
    );
    await rm(data, { recursive: true });
    await mkdir(data);
    await expect(translate('--to', 'missing')).rejects.toThrow(/expected patients’ folders/);
  });
});
