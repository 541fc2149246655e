import { mkdir, mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addExamination, bidsScan, describeBids } from '../../test/fixtures/bids-data-set.js';
import { tinyModelFile } from '../../test/fixtures/tiny-model.js';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { addBidsCommand } from './add-bids-command.js';

let folder: string;
let data: string;
let out: string;
let model: string;
let printed: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-bids-'));
  [data, out] = [join(folder, 'data'), join(folder, 'data', 'derivatives', 'utad')];
  model = await tinyModelFile(folder);
  await describeBids(data);
  await addExamination(data, 'sub-01', ['t1', 't2', 'flair']);
  await addExamination(data, 'sub-02', ['t1', 't1ce', 't2', 'flair']);
  await addExamination(data, 'sub-03_ses-a', ['t1', 't1ce']);
  await addExamination(data, 'sub-03_ses-b', ['t2', 't1', 'flair']);
  printed = [];
  process.exitCode = undefined;
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(console, 'error').mockReturnValue(undefined);
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
});
afterEach(async () => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function bids(...options: readonly string[]): Promise<void> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addBidsCommand(program);
  await program.parseAsync(['node', 'utad', 'bids', ...options]);
}
const participant = (...options: readonly string[]): Promise<void> =>
  bids(data, out, 'participant', '--model', model, '--jobs', '1', '--threads', '1', ...options);
const group = (...options: readonly string[]): Promise<void> => bids(data, out, 'group', ...options);

async function filesBelow(path: string): Promise<string[]> {
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  return found
    .filter((one) => !one.isDirectory())
    .map((one) => join(one.parentPath, one.name).slice(path.length + 1))
    .sort();
}

interface Summary {
  counts: Record<string, number>;
  models: { file: string; volumes: number }[];
  participants: {
    id: string;
    status: string;
    volumes: { modality: string; from: string; status: string; file: string }[];
    messages: string[];
    warnings: string[];
  }[];
}
const summary = async (): Promise<Summary> =>
  JSON.parse(await readFile(join(out, 'group_summary.json'), 'utf8'));
/** The table as one record a row. */
async function table(): Promise<Record<string, string>[]> {
  const text = await readFile(join(out, 'group_volumes.tsv'), 'utf8');
  const [head, ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  return rows.map((cells) => Object.fromEntries(head!.map((name, i) => [name, cells[i]!])));
}

describe('utad bids', () => {
  it('makes what a named participant lacks as BIDS derivatives, and nothing for the others', async () => {
    await participant('--participant-label', '01');
    expect(await filesBelow(out)).toEqual([
      '.bidsignore',
      'dataset_description.json',
      'logs/sub-01.json',
      'sub-01/anat/sub-01_ce-gadolinium_desc-synthetic_T1w.json',
      'sub-01/anat/sub-01_ce-gadolinium_desc-synthetic_T1w.nii.gz',
    ]);
    const description = JSON.parse(await readFile(join(out, 'dataset_description.json'), 'utf8'));
    expect(description).toMatchObject({
      DatasetType: 'derivative',
      GeneratedBy: [
        { Name: 'utad-net', Description: expect.stringMatching(/^tiny\.onnx, SHA-256 [0-9a-f]{64}$/) },
      ],
      SourceDatasets: [{ URL: '../..' }],
    });
    expect(process.exitCode).toBeUndefined();
  });

  it('takes labels with or without their prefix, in either spelling, and single sessions', async () => {
    await participant(
      '--participant_label',
      'sub-01',
      '--participant-label',
      '03',
      '--session-label',
      'ses-b',
    );
    expect((await readdir(join(out, 'logs'))).sort()).toEqual(['sub-03_ses-b.json']);
    await participant('--participant-label', '03', '--session_label', 'a');
    expect((await readdir(join(out, 'logs'))).sort()).toEqual(['sub-03_ses-a.json', 'sub-03_ses-b.json']);
  });

  it('sums up what was made from what, whoever is done, broken, or not begun', async () => {
    await writeFile(bidsScan(data, 'sub-01', 't1'), 'no image');
    await writeFile(bidsScan(data, 'sub-01', 't2'), 'no image');
    await mkdir(join(data, 'sub-04'));
    await participant('--participant-label', '01', '02', '04');
    expect(process.exitCode).toBe(1);
    await participant('--participant-label', '03', '--session-label', 'a');
    await group();
    const { counts, participants, models } = await summary();
    expect(counts).toEqual({ translated: 1, kept: 0, complete: 1, failed: 2, stopped: 1 });
    expect(participants.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'sub-01 failed',
      'sub-02 complete',
      'sub-03_ses-a translated',
      'sub-03_ses-b stopped',
      'sub-04 failed',
    ]);
    expect(models).toMatchObject([{ file: 'tiny.onnx', volumes: 2 }]);
    const rows = await table();
    const cells = rows.map((one) => [
      `${one['participant_id']} ${one['session_id']} ${one['participant_status']}`,
      `${one['modality']} ← ${one['source']} ${one['volume_status']}`,
      one['file'],
    ]);
    expect(cells).toEqual([
      ['sub-01 n/a failed', 't1ce ← t1 failed', 'n/a'],
      ['sub-02 n/a complete', 'n/a ← n/a n/a', 'n/a'],
      [
        'sub-03 ses-a translated',
        'flair ← t1 translated',
        'sub-03/ses-a/anat/sub-03_ses-a_desc-synthetic_FLAIR.nii.gz',
      ],
      [
        'sub-03 ses-a translated',
        't2 ← t1 translated',
        'sub-03/ses-a/anat/sub-03_ses-a_desc-synthetic_T2w.nii.gz',
      ],
      ['sub-03 ses-b stopped', 'n/a ← n/a n/a', 'n/a'],
      ['sub-04 n/a failed', 'n/a ← n/a n/a', 'n/a'],
    ]);
    expect(rows[0]?.['errors']).toMatch(/sub-01_T1w\.nii\.gz: expected .*NIfTI/);
    expect(rows[4]?.['errors']).toContain('the level participant has not finished for it');
    expect(rows[5]?.['errors']).toContain('got no volume');
    expect(printed.join('\n')).toContain('1 translated, 1 complete, 2 failed, 1 stopped.');
  });

  it('keeps warnings when the same call finds everything done, and tells volumes that are gone', async () => {
    await addExamination(data, 'sub-05', ['flair', 't1', 't2']);
    await writeVolumeFile(bidsScan(data, 'sub-05', 't2'), smoothHead([30, 30, 9], [8, 8, 18]));
    await participant('--participant-label', '05');
    await group('--participant-label', '05');
    const [first] = (await summary()).participants;
    expect(first?.warnings.join()).toContain('the grids differ');
    await participant('--participant-label', '05');
    await group('--participant-label', '05');
    const [again] = (await summary()).participants;
    expect(again).toEqual(first);
    const { file } = again!.volumes[0]!;
    await unlink(join(out, file));
    await group('--participant-label', '05');
    const [gone] = (await summary()).participants;
    expect(gone?.status).toBe('failed');
    expect(gone?.messages).toEqual([`${file}: the volume is missing. Run the level participant again.`]);
  });

  it('lists what was made of participants that left the data set', async () => {
    await participant('--participant-label', '01');
    await rm(join(data, 'sub-01'), { recursive: true });
    await group();
    expect((await summary()).participants[0]).toMatchObject({ id: 'sub-01', status: 'translated' });
    expect(vi.mocked(console.error).mock.calls.join()).toContain('sub-01 is no longer in the data set');
  });

  it('refuses what is not there, not BIDS, or means nothing', async () => {
    await expect(participant('--participant-label', '09', '01')).rejects.toThrow(
      /^--participant-label: expected of 01, 02, 03 in .*data, got sub-09\. Check the labels\.$/,
    );
    await expect(participant('--session-label', 'c')).rejects.toThrow(
      /--session-label: expected of a, b in .*, got ses-c/,
    );
    await expect(group('--model', model)).rejects.toThrow('--model: does not apply to the level group');
    await expect(group()).rejects.toThrow('no output of the level participant. Run that level first.');
    await expect(bids(data, out, 'everyone')).rejects.toThrow(/Allowed choices are participant, group/);
    await expect(bids(data, data, 'group')).rejects.toThrow('output_dir: is the data set itself');
    await unlink(join(data, 'dataset_description.json'));
    await expect(participant()).rejects.toThrow(
      'expected a BIDS data set, with a dataset_description.json and sub-… folders, got no dataset_description.json',
    );
    expect(await readdir(data)).not.toContain('derivatives');
    await participant('--skip-bids-validation', '--participant-label', '01');
    expect(await readdir(join(out, 'logs'))).toEqual(['sub-01.json']);
  });

  it('takes another layout when asked to, and its patients by their own names or as BIDS has them', async () => {
    const brats = join(folder, 'brats');
    for (const id of ['BraTS-GLI-00001-000', 'BraTS-GLI-00002-000']) {
      await mkdir(join(brats, id), { recursive: true });
      await writeVolumeFile(join(brats, id, `${id}-t1n.nii.gz`), smoothHead([30, 30, 8], [8, 8, 18]));
    }
    const call = (...options: string[]): Promise<void> =>
      bids(brats, out, 'participant', '--model', model, '--jobs', '1', '--threads', '1', ...options);
    await expect(call()).rejects.toThrow('got no dataset_description.json');
    await describeBids(brats);
    await expect(call()).rejects.toThrow(
      /expected a BIDS data set.* got the layout brats\..*--skip-bids-validation/,
    );
    const labels = ['--participant-label', 'BraTS-GLI-00001-000', 'sub-BraTSGLI00002000'];
    await call('--skip_bids_validator', '--to', 't2', ...labels);
    expect((await filesBelow(out)).filter((name) => name.endsWith('.nii.gz'))).toEqual([
      'sub-BraTSGLI00001000/anat/sub-BraTSGLI00001000_desc-synthetic_T2w.nii.gz',
      'sub-BraTSGLI00002000/anat/sub-BraTSGLI00002000_desc-synthetic_T2w.nii.gz',
    ]);
  });

  it('leaves the description of another data set alone', async () => {
    out = join(folder, 'other');
    await describeBids(out);
    const before = await readFile(join(out, 'dataset_description.json'), 'utf8');
    await expect(participant('--participant-label', '01')).rejects.toThrow(
      'dataset_description.json: describes another data set',
    );
    expect(await readFile(join(out, 'dataset_description.json'), 'utf8')).toBe(before);
  });
});
