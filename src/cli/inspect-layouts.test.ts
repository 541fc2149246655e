import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { abdomen } from '../../test/fixtures/abdomen.js';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { writeNifti } from '../imaging/formats/nifti/write.js';
import { writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import type { Volume } from '../imaging/volume.js';
import { addInspectCommand } from './add-inspect-command.js';

const head = smoothHead([30, 30, 10], [8, 8, 14]);
const labelled = (...labels: readonly number[]): Volume => ({
  ...head,
  data: head.data.map((v, i) => (v > 0 && i % 30 > 19 ? (labels[i % labels.length] ?? 0) : 0)),
});
const millilitres = ({ data }: Volume, ...labels: readonly number[]): unknown =>
  expect.closeTo((data.filter((label) => labels.includes(label)).length * 8 * 8 * 14) / 1000, 1);
const modality = (n: number): Volume => ({
  ...head,
  data: head.data.map((v, i) => (v === 0 ? 0 : v + 100 * n + (i % (7 + n)))),
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-inspect-'));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  await rm(folder, { recursive: true });
});

async function put(name: string, volume: Volume): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeVolumeFile(join(folder, name), volume);
}

interface Report {
  readonly layout: string;
  readonly modalities: readonly string[];
  readonly patients: readonly {
    readonly id: string;
    readonly convention: string | null;
    readonly labels: readonly number[] | null;
    readonly regionsMl: Readonly<Record<string, number>> | null;
    readonly problems: readonly { readonly severity: string; readonly text: string }[];
  }[];
  readonly general: readonly { readonly severity: string; readonly text: string }[];
}

async function inspect(...options: readonly string[]): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const program = new Command();
  addInspectCommand(program);
  process.exitCode = undefined;
  await program.parseAsync(['node', 'utad', 'inspect', folder, ...options]);
  return lines.join('\n');
}
const report = async (...options: readonly string[]) =>
  JSON.parse(await inspect('--json', ...options)) as Report;

describe('utad inspect on BraTS patients whose labels contradict each other', () => {
  beforeEach(async () => {
    await put('a/a_t1.nii.gz', modality(1));
    await put('a/a_seg.nii.gz', labelled(1, 2, 4));
    await put('b/b_t1.nii.gz', modality(2));
    await put('b/b_seg.nii.gz', labelled(1, 2, 3));
  });

  it('names the patients and ends with 1, until their meaning is declared', async () => {
    const text = await inspect();
    expect(text).toMatch(/^brats: a folder a patient, with files named as in BraTS\n/);
    expect(text).toMatch(
      /error +data set: tumour masks: expected .* got 4 in a; 3 in b\. Declare .*--labels .*per-patient/,
    );
    expect(process.exitCode).toBe(1);

    const { patients } = await report('--labels', 'per-patient');
    expect(process.exitCode).toBeUndefined();
    expect(patients.map(({ convention }) => convention)).toEqual(['brats-2021', 'brats-2023']);
    const [old, recent] = [labelled(1, 2, 4), labelled(1, 2, 3)];
    expect(patients[0]!.regionsMl).toEqual({
      whole: millilitres(old, 1, 2, 4),
      core: millilitres(old, 1, 4),
      enhancing: millilitres(old, 4),
    });
    expect(patients[1]!.regionsMl).toEqual({
      whole: millilitres(recent, 1, 2, 3),
      core: millilitres(recent, 1, 3),
      enhancing: millilitres(recent, 3),
    });
  });

  it('names labels that a declared convention does not have', async () => {
    const { patients } = await report('--labels', 'brats-2021');
    expect(patients[0]!.problems.some(({ severity }) => severity === 'error')).toBe(false);
    expect(patients[1]!.problems).toContainEqual({
      severity: 'error',
      text: 'the mask has labels that the convention brats-2021 does not have: 3',
    });
    expect(process.exitCode).toBe(1);
  });

  it('reads headers only where it is asked to, and counts warnings where it is strict', async () => {
    await writeFile(join(folder, 'a', 'a_t2.nii.gz'), 'nothing');
    await put('b/b_t2.nii.gz', smoothHead([30, 30, 10], [8, 8, 15]));
    const { patients, general } = await report('--headers');
    expect(general).toEqual([]);
    expect(patients.map(({ labels }) => labels)).toEqual([null, null]);
    const errors = patients.flatMap(({ problems }) =>
      problems.filter(({ severity }) => severity === 'error'),
    );
    expect(errors.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^t2 cannot be read: expected a NIfTI image/),
      expect.stringMatching(/^t2 lies on another grid than t1: 30×30×10 at 8×8×15 mm/),
    ]);
    await rm(join(folder, 'a', 'a_t2.nii.gz'));
    await rm(join(folder, 'b', 'b_t2.nii.gz'));
    await inspect('--headers', '--strict');
    expect(process.exitCode).toBe(3);
  });
});

describe('utad inspect on other layouts', () => {
  it('reads the Decathlon’s channels each as its own modality', async () => {
    const channels = [0, 1, 2, 3].map(modality);
    await mkdir(join(folder, 'imagesTr'));
    await writeFile(join(folder, 'imagesTr', 'BRATS_001.nii'), series(channels));
    await put('labelsTr/BRATS_001.nii.gz', labelled(1, 2, 3));
    await writeFile(
      join(folder, 'dataset.json'),
      JSON.stringify({
        modality: { 0: 'FLAIR', 1: 'T1w', 2: 't1gd', 3: 'T2w' },
        labels: { 0: 'background', 1: 'edema', 2: 'non-enhancing tumor', 3: 'enhancing tumour' },
        training: [{ image: './imagesTr/BRATS_001.nii', label: './labelsTr/BRATS_001.nii.gz' }],
        file_ending: '.nii',
      }),
    );
    const { layout, modalities, patients } = await report();
    expect([layout, modalities]).toEqual(['msd', ['t1', 't1ce', 't2', 'flair']]);
    expect(patients).toHaveLength(1);
    expect(patients[0]).toMatchObject({
      id: 'BRATS_001',
      convention: 'msd',
      problems: [],
      size: [30, 30, 10],
    });
    const mask = labelled(1, 2, 3);
    expect(patients[0]!.regionsMl).toEqual({
      whole: millilitres(mask, 1, 2, 3),
      core: millilitres(mask, 2, 3),
      enhancing: millilitres(mask, 3),
    });
    await inspect('--headers', '--strict');
    expect(process.exitCode).toBeUndefined();
  });

  it('knows the body from the air by a mapping file, and says what misses', async () => {
    const { ct, mr, organ } = abdomen(1);
    await put('p1/ct.nii.gz', ct);
    await put('p1/mr.nii.gz', mr);
    await put('p1/organs.nii.gz', organ);
    await put('p2/ct.nii.gz', abdomen(2).ct);
    const map = {
      modalities: { ct: '{patient}/ct.nii.gz', mr: '{patient}/mr.nii.gz' },
      mask: '{patient}/organs.nii.gz',
      regions: { liver: [6], spleen: [1] },
      target: 'liver',
    };
    const file = join(folder, 'map.json');
    await writeFile(file, JSON.stringify(map));
    const unstripped = await report('--map', file);
    expect(unstripped.patients[0]!.problems[0]!.text).toMatch(
      /ct cannot be prepared: expected a skull-stripped/,
    );

    const foreground = { above: -500 };
    await writeFile(
      file,
      JSON.stringify({
        ...map,
        modalities: {
          ct: { file: map.modalities.ct, foreground },
          mr: { file: map.modalities.mr, foreground: { above: 50 } },
        },
      }),
    );
    const { patients, modalities } = await report('--map', file);
    expect(modalities).toEqual(['ct', 'mr']);
    const wide = ['ct', 'mr'].map(
      (name) =>
        expect.stringMatching(
          `^${name} is one that needs 320 mm, more than the usual 256: train with --set data.preparation.fieldOfViewMm=`,
        ) as unknown,
    );
    expect(patients.map(({ problems }) => problems.map(({ text }) => text))).toEqual([
      wide,
      [wide[0], 'no mr', 'no tumour mask: where it trains, it teaches nothing of tumours'],
    ]);
    expect(Object.keys(patients[0]!.regionsMl!)).toEqual(['liver', 'spleen']);
  });

  it('says that a BIDS segmentation without a table needs one', async () => {
    await put('sub-1/anat/sub-1_T1w.nii.gz', modality(1));
    await put('sub-1/anat/sub-1_dseg.nii.gz', labelled(1, 2));
    const { general } = await report();
    expect(general.map(({ text }) => text)).toEqual([
      'nothing says what the labels of the masks mean: declare it with --labels, or with a mapping file',
    ]);
    expect((await report('--labels', 'msd')).general).toEqual([]);
  });
});

/** A NIfTI-1 file of four axes: the header of the first volume with the fourth axis' size, then all voxels. */
function series(volumes: readonly Volume[]): Uint8Array {
  const files = volumes.map((volume) => writeNifti(volume, { gzip: false }));
  const voxels = volumes[0]!.data.length * 4;
  const start = files[0]!.length - voxels;
  const out = new Uint8Array(start + voxels * volumes.length);
  out.set(files[0]!.subarray(0, start));
  const view = new DataView(out.buffer);
  view.setInt16(40, 4, true);
  view.setInt16(48, volumes.length, true);
  for (const [index, file] of files.entries()) out.set(file.subarray(start), start + index * voxels);
  return out;
}
