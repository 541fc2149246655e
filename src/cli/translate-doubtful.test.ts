import { mkdir, mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FixtureSeries, writeDicomSeries } from '../../test/fixtures/dicom-series.js';
import { tinyMetadata, tinyModelFile, trainingFacts } from '../../test/fixtures/tiny-model.js';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { addTranslateCommand } from './add-translate-command.js';

let folder: string;
let patient: string;
let out: string;
let model: string;
let warned: string[];

const head = (number: number) => (column: number, row: number, slice: number) =>
  Math.hypot((column - 14.5) / 12, (row - 14.5) / 13, (slice - 4) / 5) < 1
    ? 300 * number + ((column * 7 + row * 3 + slice) % 50)
    : 0;
const seriesOf = (number: number, description: string, parts: Partial<FixtureSeries>): FixtureSeries => ({
  description,
  number,
  size: [30, 30, 9],
  value: head(number),
  ...parts,
});
const t2Times = { repetitionTime: 4500, echoTime: 95 };
const t1Times = { repetitionTime: 500, echoTime: 12 };
const t2 = seriesOf(3, 'T2 tra', t2Times);
const t1ce = seriesOf(5, 'T1 post', { ...t1Times, contrastAgent: 'Dotarem' });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-doubt-'));
  [patient, out] = [join(folder, 'nobody'), join(folder, 'out')];
  model = await tinyModelFile(folder);
  warned = [];
  process.exitCode = undefined;
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(console, 'error').mockImplementation((line: string) => void warned.push(line));
  vi.spyOn(console, 'log').mockImplementation((line: string) => void warned.push(line));
});
afterEach(async () => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function translate(path: string, ...options: readonly string[]): Promise<void> {
  const program = new Command();
  addTranslateCommand(program);
  const common = ['--model', model, '--threads', '1', '--out', out];
  await program.parseAsync(['node', 'utad', 'translate', path, ...common, ...options]);
}

const sidecar = async (
  path: string,
): Promise<{ utad: { warnings: string[]; source: { modality: string } } }> =>
  JSON.parse(await readFile(path, 'utf8'));

describe('a modality that may be there', () => {
  it('is not missing: a T1 that does not say whether contrast agent was given', async () => {
    await writeDicomSeries(join(patient, 'a'), seriesOf(2, 't1_mprage_sag_p2_iso', t1Times));
    await writeDicomSeries(join(patient, 'b'), t2);
    await translate(patient, '--to', 'missing');
    expect((await readdir(out)).sort()).toEqual(['nobody_flair-synthetic', 'nobody_flair-synthetic.json']);
    expect(warned.join('\n')).toMatch(/t1 may be there already: 2 “t1_mprage_sag_p2_iso” \(t1, low/);
    expect(warned.join('\n')).toMatch(/t1ce may be there already: 2 “t1_mprage_sag_p2_iso”/);
    expect(process.exitCode).toBe(1);
  });

  it('is translated into by its name, and the sidecar names what may be it', async () => {
    await writeDicomSeries(join(patient, 'a'), seriesOf(2, 't1_mprage_sag_p2_iso', t1Times));
    await writeDicomSeries(join(patient, 'b'), t2);
    out = join(folder, 'made');
    await translate(patient, '--to', 't1');
    const { warnings } = (await sidecar(`${out}.json`)).utad;
    expect(warnings.join()).toMatch(/t1 may be there already: 2 “t1_mprage_sag_p2_iso”/);
    expect(warned.join('\n')).toMatch(/t1 may be there already/);
    expect(process.exitCode).toBeUndefined();
  });

  it('is not missing where there are several, one is broken, or one cannot be read', async () => {
    await writeDicomSeries(join(patient, 'a'), t1ce);
    await writeDicomSeries(join(patient, 'b'), t2);
    await writeDicomSeries(join(patient, 'c'), seriesOf(4, 'T2 tra repeat', t2Times));
    const wanted = ['--to', 'missing'];
    const of = (text: RegExp) => expect(warned.join('\n')).toMatch(text);
    await translate(patient, ...wanted);
    of(/t2 may be there already: 3 “T2 tra” .*; 4 “T2 tra repeat”/);
    expect((await readdir(out)).join()).not.toMatch(/t2/);

    await rm(join(patient, 'c'), { recursive: true });
    await unlink(join(patient, 'b', (await readdir(join(patient, 'b')))[4]!));
    [warned, out] = [[], join(folder, 'second')];
    await translate(patient, ...wanted);
    of(/t2 may be there already: 3 “T2 tra” .*no volume: missing-slices/);
    expect((await readdir(out)).join()).not.toMatch(/t2/);

    const flat = join(folder, 'flat');
    await writeDicomSeries(flat, t1ce);
    await writeDicomSeries(flat, t2);
    for (const name of (await readdir(flat)).filter((one) => one.startsWith('3-')))
      await writeFile(join(flat, name), (await readFile(join(flat, name))).subarray(0, -300));
    [warned, out] = [[], join(folder, 'third')];
    await expect(translate(flat, ...wanted)).rejects.toThrow(/3-1\.dcm: expected 1800 bytes of PixelData/);
  });

  it('is named where another source is taken in its place', async () => {
    const score = (source: string, ssim: number) => ({ source, target: 'flair', ssim, mae: 0.1 });
    const directions = [score('t2', 0.9), score('t1ce', 0.8)];
    model = await tinyModelFile(folder, tinyMetadata({ training: trainingFacts(directions) }));
    await writeDicomSeries(join(patient, 'a'), t1ce);
    await writeDicomSeries(join(patient, 'b'), t2);
    await unlink(join(patient, 'b', (await readdir(join(patient, 'b')))[4]!));
    out = join(folder, 'made');
    await translate(patient, '--to', 'flair');
    const { source, warnings } = (await sidecar(`${out}.json`)).utad;
    expect(source.modality).toBe('t1ce');
    expect(warnings.join()).toMatch(/t2 was not taken as a source: 3 “T2 tra” .*missing-slices/);
    expect(warned.join('\n')).toMatch(/t2 was not taken as a source/);
  });

  it('fails a patient of a data set of DICOM folders, and the summary names it', async () => {
    const data = join(folder, 'data');
    for (const id of ['p1', 'p2']) {
      await writeDicomSeries(join(data, id, 'b'), { ...t2, study: `1.2.${id.slice(1)}1` });
      if (id === 'p1')
        await writeDicomSeries(join(data, id, 'a'), {
          ...seriesOf(2, 't1_mprage', t1Times),
          study: `1.2.${id.slice(1)}1`,
        });
    }
    await translate(data, '--to', 'missing', '--jobs', '1');
    const { patients } = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')) as {
      patients: { id: string; status: string; messages: string[]; volumes: { modality: string }[] }[];
    };
    expect(patients.map(({ status }) => status)).toEqual(['failed', 'translated']);
    expect(patients[0]!.messages.join('\n')).toMatch(/p1: t1 may be there already: 2 “t1_mprage”/);
    expect(patients[0]!.volumes.map(({ modality }) => modality)).toEqual(['flair']);
    expect(process.exitCode).toBe(1);
  });

  it('is not missing in BIDS where there are several of it, or another version has it', async () => {
    const anat = join(folder, 'bids', 'sub-01', 'anat');
    await mkdir(anat, { recursive: true });
    const size = [30, 30, 8] as const;
    const scan = smoothHead(size, [8, 8, 18]);
    for (const name of ['T1w', 'acq-3d_FLAIR', 'acq-ax_FLAIR'])
      await writeVolumeFile(join(anat, `sub-01_${name}.nii.gz`), scan);
    const derived = join(folder, 'bids', 'derivatives', 'strip', 'sub-01', 'anat');
    await writeVolumeFile(join(derived, 'sub-01_space-T1w_desc-brain_T2w.nii.gz'), scan);
    await translate(join(folder, 'bids'), '--to', 'missing', '--jobs', '1');
    const text = warned.join('\n');
    expect(text).toMatch(/sub-01: flair may be there already: .*acq-3d_FLAIR.*acq-ax_FLAIR/);
    expect(text).toMatch(/sub-01: (t1|t2) may be there already: /);
  });

  it('is not missing beside a single volume', async () => {
    const data = join(folder, 'p1');
    const scan = smoothHead([30, 30, 8], [8, 8, 18]);
    for (const name of ['t1', 't2', 'flair']) await writeVolumeFile(join(data, `p1_${name}.nii.gz`), scan);
    await writeVolumeFile(join(data, 'p2_t1ce.nii.gz'), scan);
    await translate(join(data, 'p1_t1.nii.gz'), '--to', 'missing');
    expect((await readdir(out)).sort()).toEqual(['p1_t1ce-synthetic.json', 'p1_t1ce-synthetic.nii.gz']);
  });

  it('is not missing where a sidecar marks as synthetic what was put there later', async () => {
    const data = join(folder, 'data', 'p1');
    const scan = smoothHead([30, 30, 8], [8, 8, 18]);
    await writeVolumeFile(join(data, 'p1_t1.nii.gz'), scan);
    out = join(data, 'p1_t2.nii.gz');
    await translate(join(data, 'p1_t1.nii.gz'), '--to', 't2');
    await writeVolumeFile(out, smoothHead([30, 30, 8], [8, 8, 17]));
    out = join(folder, 'out');
    await translate(join(folder, 'data'), '--to', 'missing', '--jobs', '1');
    expect(warned.join('\n')).toMatch(
      /t2 may be there already: p1_t2.nii.gz \(the .json beside says that it is synthetic, but was written with another volume\)/,
    );
    expect((await readdir(join(out, 'p1'))).join()).not.toMatch(/t2/);
  });
});
