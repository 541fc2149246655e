import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { abdomen } from '../../test/fixtures/abdomen.js';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { readVolumeFile, writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import type { Volume } from '../imaging/volume.js';
import { addTrainCommand } from './add-train-command.js';
import { addTranslateCommand } from './add-translate-command.js';

/** The smallest training there can be. */
const small = [
  '--preset=tiny',
  '--set=model.sliceSide=32',
  '--set=model.baseChannels=2',
  '--set=model.levels=2',
  '--set=model.criticBaseChannels=2',
  '--set=schedule.batchSize=4',
  '--set=validation.slices=2',
  '--set=validation.every=4',
  '--iterations=4',
  '--threads=1',
];

let folder: string;
const messages: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-mapped-'));
  messages.length = 0;
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(console, 'log').mockReturnValue(undefined);
  vi.spyOn(console, 'error').mockImplementation((line: string) => void messages.push(line));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function utad(...args: readonly string[]): Promise<void> {
  const program = new Command().exitOverride();
  addTrainCommand(program);
  addTranslateCommand(program);
  await program.parseAsync(['node', 'utad', ...args]);
}

async function write(name: string, volume: Volume): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeVolumeFile(join(folder, name), volume);
}

const model = (): string => join(folder, 'run', 'model.onnx');
const record = async () =>
  JSON.parse(await readFile(join(folder, 'run', 'run.json'), 'utf8')) as {
    readonly configuration: Record<string, unknown>;
    readonly trainingCases: readonly string[];
    readonly validationCases: readonly string[];
    readonly labels: readonly { readonly convention: { readonly target: string } }[];
  };

describe('training on a mapped data set', () => {
  it('takes T1, T2 and PD, two sessions of a person on one side, and lets whom nobody has marked train only', async () => {
    const head = smoothHead([30, 30, 8], [8, 8, 16]);
    const looks = { T1: (v: number) => v, T2: (v: number) => 1100 - v, PD: (v: number) => 300 + v / 2 };
    for (const [n, place] of ['a/1', 'a/2', 'b/1', 'c/1', 'd/1', 'e/1'].entries()) {
      for (const [name, look] of Object.entries(looks)) {
        const data = head.data.map((v, i) => (v === 0 ? 0 : look(v) + ((i * (n + 3)) % 17)));
        await write(`data/${place}/${name}.nii.gz`, { ...head, data });
      }
      const labels = head.data.map((v, i) => (v > 650 && i % 30 > 12 ? 1 : 0));
      if (place !== 'e/1') await write(`data/${place}/lesion.nii.gz`, { ...head, data: labels });
    }
    const modalities = Object.fromEntries(
      ['t1', 't2', 'pd'].map((name) => [name, `{patient}/{session}/${name.toUpperCase()}.nii.gz`]),
    );
    const map = { modalities, mask: '{patient}/{session}/lesion.nii.gz', regions: { lesion: 'any' } };
    await writeFile(join(folder, 'data', 'utad-map.json'), JSON.stringify(map));
    await utad('train', join(folder, 'data'), '--out', join(folder, 'run'), ...small);

    const { configuration, trainingCases, validationCases, labels } = await record();
    expect(configuration['model']).toMatchObject({ modalities: ['t1', 't2', 'pd'] });
    expect(labels[0]!.convention.target).toBe('lesion');
    expect([...trainingCases, ...validationCases].sort()).toEqual([
      'a_ses-1',
      'a_ses-2',
      'b_ses-1',
      'c_ses-1',
      'd_ses-1',
      'e_ses-1',
    ]);
    expect(trainingCases).toContain('e_ses-1');
    expect(trainingCases.includes('a_ses-1')).toBe(trainingCases.includes('a_ses-2'));
    expect(messages.join('\n')).toContain('1 of 6 cases have no mask');

    const out = join(folder, 'pd.nii.gz');
    const source = join(folder, 'data/e/1/T2.nii.gz');
    await utad('translate', source, '--from', 't2', '--to', 'pd', '--model', model(), '--out', out);
    const made = await readVolumeFile(out);
    expect(made.size).toEqual(head.size);
    expect(made.data.every((value, i) => (value === 0) === (head.data[i] === 0))).toBe(true);
  });

  it('takes CT and MR of the abdomen, whose background is not 0, and writes CT with air around the body', async () => {
    const scans = [1, 2, 3, 4].map(abdomen);
    for (const [n, { ct, mr, organ }] of scans.entries()) {
      await write(`data/ct/p${n}_ct.nii.gz`, ct);
      await write(`data/mr/p${n}_mr.nii.gz`, mr);
      await write(`data/p${n}_organs.nii.gz`, organ);
    }
    const map = {
      modalities: {
        ct: { file: 'ct/{patient}_ct.nii.gz', foreground: { above: -500, background: -1000 } },
        mr: { file: 'mr/{patient}_mr.nii.gz', foreground: { above: 50, background: 0 } },
      },
      mask: '{patient}_organs.nii.gz',
      regions: { liver: [6], spleen: [1] },
      target: 'liver',
    };
    const mapFile = join(folder, 'abdomen.json');
    const train = (...more: readonly string[]) =>
      utad('train', join(folder, 'data'), '--map', mapFile, '--out', join(folder, 'run'), ...small, ...more);
    await writeFile(mapFile, JSON.stringify({ modalities: { ct: map.modalities.ct } }));
    await expect(train()).rejects.toThrow(/data: expected at least two modalities .* got ct \(mapping\)/);
    await writeFile(mapFile, JSON.stringify(map));
    await expect(train('--set=model.modalities=["ct","pet"]')).rejects.toThrow(
      /data: expected the modalities ct, pet, got ct, mr/,
    );
    await train('--set=data.preparation.fieldOfViewMm=400');
    const { configuration } = await record();
    expect(configuration['model']).toMatchObject({ modalities: ['ct', 'mr'] });

    // What the labels meant when the run began stays, whatever the mapping file says since.
    await writeFile(mapFile, JSON.stringify({ ...map, target: 'spleen' }));
    await rm(model());
    await utad('train', '--out', join(folder, 'run'), '--resume', '--threads=1');
    const other = utad('train', '--out', join(folder, 'run'), '--resume', '--map', mapFile);
    await expect(other).rejects.toThrow(/--resume: a run continues with the configuration .* without --map/);

    const out = join(folder, 'ct.nii.gz');
    const source = join(folder, 'data/mr/p0_mr.nii.gz');
    await utad('translate', source, '--from', 'mr', '--to', 'ct', '--model', model(), '--out', out);
    const made = await readVolumeFile(out);
    const { mr } = scans[0]!;
    const air = made.data.filter((_, i) => mr.data[i]! <= 50);
    const body = made.data.filter((_, i) => mr.data[i]! > 50);
    expect(air.every((value) => value === -1000)).toBe(true);
    expect(body.every((value) => value > -500)).toBe(true);
    expect(body.length).toBeGreaterThan(1000);
  });
});
