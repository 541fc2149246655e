import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeBallPatient } from '../../test/fixtures/ball-patients.js';
import { tinyModelFile } from '../../test/fixtures/tiny-model.js';
import { findCases } from '../datasets/find-cases.node.js';
import { readVolumeFile } from '../imaging/formats/volume-file.node.js';
import type { SegmenterReport } from '../runs/segment-validation.js';
import { addSegmentCommand } from './add-segment-command.js';

const folder = await mkdtemp(join(tmpdir(), 'segment-'));
const [data, run] = [join(folder, 'data'), join(folder, 'run')];
const model = join(run, 'segmenter.onnx');
const names = ['t1', 't1ce', 't2', 'flair'];
const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
vi.spyOn(console, 'error').mockImplementation(() => undefined);
vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function segment(...options: string[]): Promise<void> {
  const program = new Command().exitOverride();
  addSegmentCommand(program);
  await program.parseAsync(['node', 'utad', 'segment', ...options]);
}

const scan = (id: string, name: string): string => join(data, id, `${id}_${name}.nii.gz`);

beforeAll(async () => {
  for (const [index, id] of ['p1', 'p2', 'p3', 'p4', 'p5'].entries())
    await writeBallPatient(data, id, {
      modalities: index === 1 ? ['t1', 'flair'] : names,
      centre: [8 + 1.7 * index, 14 - index, 5.5],
      radius: 3.5,
    });
  const small = [
    'model.sliceSide=32',
    'model.baseChannels=4',
    'model.levels=2',
    'data.minimumBrainFraction=0.02',
    'optimiser.learningRate=0.01',
  ];
  const options = ['--preset', 'tiny', '--iterations', '150', '--threads', '1'];
  const sets = [...small, 'validation.every=50'].flatMap((one) => ['--set', one]);
  await segment('train', data, '--out', run, ...options, ...sets);
});

describe('utad segment train', () => {
  it('writes a segmenter and how good it is, whichever modality is missing', async () => {
    const report = JSON.parse(await readFile(join(run, 'validation.json'), 'utf8')) as SegmenterReport;
    expect(report.regions).toEqual(['whole', 'core', 'enhancing']);
    expect(report.sets[0]).toMatchObject({ missing: null, patients: 1 });
    expect(report.sets[0]!.means['whole']!.dice).toBeGreaterThan(0.7);
    expect(said.mock.lastCall?.[0]).toBe(model);
    expect((await readdir(join(run, 'segmenter'))).sort()).toContain('best.safetensors');
  });

  it('refuses to begin a run twice, to change one, and modalities that are not there', async () => {
    await expect(segment('train', data, '--out', run)).rejects.toThrow('this folder holds a run already');
    await expect(
      segment('train', '--out', run, '--resume', '--seed', '3', '--set', 'model.baseChannels=2'),
    ).rejects.toThrow(
      '--resume: a run continues with the configuration that it began with, without --set, --seed.',
    );
    await expect(
      segment('train', data, '--out', join(folder, 'n'), '--modalities', 't1,pet'),
    ).rejects.toThrow('expected the modalities t1, pet, got t1, t1ce, t2, flair.');
    await expect(segment('train', '--out', join(folder, 'n'))).rejects.toThrow('no data set is given');
  });

  it('names the region that labels do not tell', async () => {
    const options = ['--out', join(folder, 'odd'), '--regions', 'whole,cyst', '--iterations', '1'];
    await expect(segment('train', data, ...options)).rejects.toThrow(
      /_seg\.nii\.gz: expected labels that tell the region cyst, got whole, core, enhancing\./,
    );
  });
});

describe('utad segment predict', () => {
  it('writes a label map on the grid of the scans, from whatever is there', async () => {
    const out = join(folder, 'made', 'p3.nii.gz');
    await segment(
      'predict',
      scan('p3', 'flair'),
      `t2=${scan('p3', 't2')}`,
      '--model',
      model,
      '--out',
      out,
      '--probabilities',
    );
    const [map, source] = [await readVolumeFile(out), await readVolumeFile(scan('p3', 'flair'))];
    expect(map.size).toEqual(source.size);
    expect(map.affineVoxelToWorld).toEqual(source.affineVoxelToWorld);
    expect([0, 2].every((label) => map.data.includes(label))).toBe(true);
    const truth = await readVolumeFile(scan('p3', 'seg'));
    const agree = map.data.filter((label, i) => label > 0 && truth.data[i]! > 0).length;
    const [found, real] = [map, truth].map(({ data: labels }) => labels.filter((label) => label > 0).length);
    expect((2 * agree) / (found! + real!)).toBeGreaterThan(0.6);
    const sidecar = JSON.parse(await readFile(join(folder, 'made', 'p3.json'), 'utf8'));
    expect(sidecar.utad).toMatchObject({
      synthetic: true,
      kind: 'segmentation',
      given: ['t2', 'flair'],
      missing: ['t1', 't1ce'],
      labels: { convention: 'brats-2021', whole: 2, core: 1, enhancing: 4 },
    });
    const probability = await readVolumeFile(join(folder, 'made', 'p3_probability-whole.nii.gz'));
    map.data.forEach((label, i) => {
      if (label > 0) expect(probability.data[i]).toBeGreaterThanOrEqual(0.5);
    });
  });

  it('segments a whole data set into maps that nobody takes for masks', async () => {
    const out = join(folder, 'all');
    await segment('predict', data, '--model', model, '--out', out, '--write-labels', 'brats-2023');
    expect(await readdir(join(out, 'p2'))).toEqual(['p2_seg-predicted.json', 'p2_seg-predicted.nii.gz']);
    await expect(findCases(out)).rejects.toThrow('got none of them');
    const labels = new Set((await readVolumeFile(join(out, 'p1', 'p1_seg-predicted.nii.gz'))).data);
    expect(labels.has(4)).toBe(false);
    await expect(segment('predict', data, '--model', model, '--out', out)).rejects.toThrow(
      'this file exists already. Choose another name, or overwrite it with --force.',
    );
  });

  it('refuses a translator, volumes that do not say what they are, and one modality twice', async () => {
    const predict = (...paths: string[]) =>
      segment('predict', ...paths, '--model', model, '--out', join(folder, 'x.nii'));
    await expect(
      segment('predict', data, '--model', await tinyModelFile(folder), '--out', folder),
    ).rejects.toThrow(
      'expected a segmenter of utad-net, got an ONNX file without the metadata “utad.segmenter”. Give a file that `utad segment train` has written.',
    );
    await expect(predict(scan('p1', 'seg'))).rejects.toThrow(
      'got seg, which the model does not know. Name what it is: t1=<file>.',
    );
    await expect(predict(scan('p1', 't1'), `t1=${scan('p1', 't2')}`)).rejects.toThrow(
      'expected each modality once, got t1 twice',
    );
  });
});
