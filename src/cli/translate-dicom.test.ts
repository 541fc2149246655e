import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FixtureSeries, writeDicomSeries } from '../../test/fixtures/dicom-series.js';
import { tinyModelFile, trainingFacts } from '../../test/fixtures/tiny-model.js';
import { readDicomPath } from '../imaging/formats/dicom/dicom-files.node.js';
import { readVolumeFile } from '../imaging/formats/volume-file.node.js';
import { sameGrid } from '../imaging/geometry.js';
import { addTranslateCommand } from './add-translate-command.js';

let folder: string;
let patient: string;
let model: string;
let printed: string[];

/** A skull-stripped head, brighter with the series' number. */
const head = (number: number) => (column: number, row: number, slice: number) =>
  Math.hypot((column - 14.5) / 12, (row - 14.5) / 13, (slice - 4) / 5) < 1
    ? 300 * number + ((column * 7 + row * 3 + slice) % 50)
    : 0;

const size = [30, 30, 9] as const;
const t1: FixtureSeries = {
  description: 'T1 native',
  number: 2,
  repetitionTime: 500,
  echoTime: 12,
  size,
  value: head(2),
};
const t2: FixtureSeries = {
  description: 'T2 tra',
  number: 3,
  repetitionTime: 4500,
  echoTime: 95,
  size,
  value: head(3),
};
const unsure: FixtureSeries = { description: 'ax brain', number: 4, size, value: head(4) };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-dicom-'));
  patient = join(folder, 'nobody');
  model = await tinyModelFile(folder);
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

async function translate(path: string, ...options: readonly string[]): Promise<void> {
  const program = new Command();
  addTranslateCommand(program);
  await program.parseAsync([
    'node',
    'utad',
    'translate',
    path,
    '--model',
    model,
    '--threads',
    '1',
    ...options,
  ]);
}

describe('utad translate for DICOM', () => {
  it('makes a series of a series, on its grid, in its study, with a sidecar beside', async () => {
    await writeDicomSeries(patient, t2);
    const out = join(folder, 'made');
    await translate(patient, '--to', 'flair', '--out', out);
    expect((await readdir(out)).length).toBe(9);
    const [source, made] = [await readDicomPath(patient), await readDicomPath(out)];
    expect(sameGrid(source, made)).toBe(true);
    expect(made.origin.series.studyInstanceUid).toBe(source.origin.series.studyInstanceUid);
    expect(made.origin.series.seriesDescription).toBe('SYNTHETIC FLAIR from T2 (utad-net)');
    expect(JSON.parse(await readFile(`${out}.json`, 'utf8'))).toMatchObject({
      utad: { synthetic: true, modality: 'flair', source: { modality: 't2' }, settings: { format: 'dicom' } },
    });
    expect(printed.join()).toContain('synthetic flair from t2');
    // A second call does not overwrite it, unless asked to; a folder of something else it never does.
    await expect(translate(patient, '--to', 'flair', '--out', out)).rejects.toThrow('exists already');
    await translate(patient, '--to', 'flair', '--out', out, '--force');
    await writeFile(join(out, 'thesis.txt'), 'mine');
    await expect(translate(patient, '--to', 'flair', '--out', out, '--force')).rejects.toThrow(
      'holds other files than a series that utad translate wrote',
    );
    expect(await readFile(join(out, 'thesis.txt'), 'utf8')).toBe('mine');
  });

  it('writes NIfTI where the name says so, also from a ZIP', async () => {
    await writeDicomSeries(patient, t2);
    const files = await readdir(patient);
    const entries = await Promise.all(
      files.map(async (name) => [name, new Uint8Array(await readFile(join(patient, name)))] as const),
    );
    const zip = join(folder, 'nobody.zip');
    await writeFile(zip, zipSync(Object.fromEntries(entries)));
    const [one, other] = [join(folder, 'a.nii.gz'), join(folder, 'b.nii.gz')];
    await translate(patient, '--to', 't1', '--out', one);
    await translate(zip, '--to', 't1', '--out', other);
    expect((await readVolumeFile(one)).data).toEqual((await readVolumeFile(other)).data);
  });

  it('chooses among series by what they surely are, and asks where they are not', async () => {
    await writeDicomSeries(join(patient, 'b'), t2);
    await writeDicomSeries(join(patient, 'c'), unsure);
    await translate(patient, '--to', 't1', '--out', join(folder, 'm1.nii.gz'));
    expect(printed.join()).toContain('synthetic t1 from t2');
    await expect(
      translate(patient, '--to', 't1', '--series', '4', '--out', join(folder, 'm2.nii.gz')),
    ).rejects.toThrow(
      /series 4 “ax brain”: expected a series that is surely one of .*Say what it shows with --from/,
    );
    await translate(
      patient,
      '--to',
      't1',
      '--series',
      '4',
      '--from',
      'flair',
      '--out',
      join(folder, 'm2.nii.gz'),
    );
    expect(printed.join()).toContain('synthetic t1 from flair');
    await expect(
      translate(patient, '--to', 't2', '--from', 'flair', '--out', join(folder, 'm3.nii.gz')),
    ).rejects.toThrow(/expected one series of flair, got .*“T2 tra”.*“ax brain”.*--series/);
  });

  it('makes each modality from the sure series whose direction validated best, and says so', async () => {
    await writeDicomSeries(join(patient, 'a'), t1);
    await writeDicomSeries(join(patient, 'b'), t2);
    const score = (source: string, target: string, ssim: number) => ({ source, target, ssim, mae: 0.1 });
    const directions = [score('t1', 't1ce', 0.9), score('t2', 't1ce', 0.7), score('t2', 'flair', 0.8)];
    model = await tinyModelFile(folder, { training: trainingFacts(directions) });
    const out = join(folder, 'made');
    await translate(patient, '--to', 'missing', '--format', 'nifti', '--out', out);
    const sourceOf = async (target: string): Promise<unknown> =>
      JSON.parse(await readFile(join(out, `nobody_${target}-synthetic.json`), 'utf8')).utad.source;
    expect(await sourceOf('t1ce')).toMatchObject({
      modality: 't1',
      chosenBy: "best of the model's validation (SSIM 0.900)",
    });
    expect(await sourceOf('flair')).toMatchObject({
      modality: 't2',
      chosenBy: "best of the model's validation (SSIM 0.800)",
    });
    await rm(join(patient, 'a'), { recursive: true });
    await expect(translate(patient, '--to', 't2', '--out', join(folder, 'again'))).rejects.toThrow(
      '--to: expected another modality than t2, which the volume is already, got t2',
    );
  });

  it('fills the gaps of a data set of DICOM folders with series, and keeps what is finished', async () => {
    const data = join(folder, 'data');
    await writeDicomSeries(join(data, 'p1', 't2'), { ...t2, study: '1.2.31' });
    await writeDicomSeries(join(data, 'p2', 't2'), { ...t2, study: '1.2.32' });
    const out = join(folder, 'made');
    const options = ['--to', 'flair', '--format', 'dicom', '--out', out, '--jobs', '1'];
    await translate(data, ...options);
    const made = await readDicomPath(join(out, 'p2', 'p2_flair-synthetic'));
    expect(made.origin.series.studyInstanceUid).toBe('1.2.32');
    const statuses = async (): Promise<string[]> =>
      (
        JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')) as { patients: { status: string }[] }
      ).patients.map(({ status }) => status);
    expect(await statuses()).toEqual(['translated', 'translated']);
    await rm(join(out, 'p1', 'p1_flair-synthetic', '0003.dcm'));
    await mkdir(join(out, 'p1', '.p1_flair-synthetic.01234567.tmp'));
    await translate(data, ...options);
    expect(await statuses()).toEqual(['translated', 'kept']);
    expect((await readdir(join(out, 'p1'))).sort()).toEqual([
      'p1_flair-synthetic',
      'p1_flair-synthetic.json',
    ]);
  });

  it('refuses DICOM output of other sources, and voxel types for it', async () => {
    await writeDicomSeries(join(patient, 'a'), t1);
    const nifti = join(folder, 'p_t1.nii.gz');
    await translate(patient, '--to', 't2', '--series', '2', '--from', 't1', '--out', nifti);
    await expect(
      translate(nifti, '--to', 't2', '--format', 'dicom', '--out', join(folder, 'o')),
    ).rejects.toThrow(/is no DICOM series.*Leave out --format/);
    await expect(
      translate(patient, '--to', 't2', '--from', 't1', '--datatype', 'int16', '--out', join(folder, 'o')),
    ).rejects.toThrow('--datatype: does not apply to DICOM output');
  });
});
