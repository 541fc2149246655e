import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tinyModelFile } from '../../test/fixtures/tiny-model.js';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { addEvaluateCommand } from './add-evaluate-command.js';
import { addInspectCommand } from './add-inspect-command.js';
import { addTrainCommand } from './add-train-command.js';

/** Of three patients with all four modalities, the T2 of the first was made by a network. */
const patients = ['p1', 'p2', 'p3'];
const made = 'p1_t2';
const note = '1 synthetic volume left out, as the .json beside says';
const smallest = [
  ...[
    '--preset=tiny',
    '--set=model.sliceSide=32',
    '--set=model.baseChannels=2',
    '--set=model.levels=2',
    '--set=model.criticBaseChannels=2',
  ],
  ...[
    '--set=schedule.batchSize=2',
    '--set=validation.slices=2',
    '--set=validation.every=1',
    '--iterations=1',
    '--threads=1',
  ],
];

let folder: string;
let data: string;
let printed: string[];
let said: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-made-'));
  data = join(folder, 'data');
  const head = smoothHead([30, 30, 8], [8, 8, 16]);
  for (const [n, id] of patients.entries()) {
    for (const [m, name] of ['t1', 't1ce', 't2', 'flair'].entries()) {
      const voxels = head.data.map((v, i) => (v === 0 ? 0 : v * (m + 1) + ((i * (n + 3)) % 17)));
      await writeVolumeFile(join(data, id, `${id}_${name}.nii.gz`), { ...head, data: voxels });
    }
    const labels = head.data.map((v, i) => (v > 650 && i % 30 > 12 ? 4 : 0));
    await writeVolumeFile(join(data, id, `${id}_seg.nii.gz`), { ...head, data: labels });
  }
  await writeFile(join(data, 'p1', `${made}.json`), JSON.stringify({ utad: { synthetic: true } }));
  await writeFile(join(data, 'split.json'), JSON.stringify({ train: ['p1', 'p2'], validation: ['p3'] }));
  [printed, said] = [[], []];
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  vi.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line));
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  await rm(folder, { recursive: true });
});

async function utad(...args: readonly string[]): Promise<void> {
  const program = new Command().exitOverride();
  for (const add of [addInspectCommand, addTrainCommand, addEvaluateCommand]) add(program);
  await program.parseAsync(['node', 'utad', ...args]);
}

const json = async (path: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(folder, path), 'utf8')) as Record<string, unknown>;

describe('a volume that a network made', () => {
  it('is missing in what inspect lists, unless it is asked for', async () => {
    await utad('inspect', data);
    expect(printed.join()).toMatch(/p1 +✓ +✓ +– +✓ +✓/);
    expect(printed.join()).toContain(`data set: ${note}`);
    printed = [];
    await utad('inspect', data, '--include-synthetic');
    expect(printed.join()).toMatch(/p1 +✓ +✓ +✓ +✓ +✓/);
    expect(printed.join()).not.toContain('synthetic');
  });

  it('is not learnt from, unless it is asked for, and a resumed run keeps to that', async () => {
    const train = (run: string, ...more: readonly string[]): Promise<void> =>
      utad('train', data, '--out', join(folder, run), '--stage=teacher', '--paired', ...smallest, ...more);
    await train('run');
    expect((await json('run/run.json'))['assignment']).toEqual({
      p1: ['t1', 't1ce', 'flair'],
      p2: ['t1', 't1ce', 't2', 'flair'],
    });
    expect(said.join('\n')).toContain(`warning: ${note}`);
    said = [];
    await train('all', '--include-synthetic');
    expect((await json('all/run.json'))['assignment']).toMatchObject({ p1: ['t1', 't1ce', 't2', 'flair'] });
    expect(said.join('\n')).not.toContain('synthetic');
    await utad('train', '--out', join(folder, 'all'), '--resume', '--threads=1');
    await expect(
      utad('train', '--out', join(folder, 'all'), '--resume', '--include-synthetic'),
    ).rejects.toThrow(/--include-synthetic/);
  });

  it('is no truth to evaluate against, unless it is asked for', async () => {
    const model = await tinyModelFile(folder);
    // Two directions are enough.
    for (const id of patients)
      for (const name of ['t1ce', 'flair']) await rm(join(data, id, `${id}_${name}.nii.gz`));
    const evaluate = (out: string, ...more: readonly string[]): Promise<void> =>
      utad(
        'evaluate',
        data,
        '--model',
        model,
        '--out',
        join(folder, out),
        '--patients=all',
        '--threads=1',
        '--jobs=1',
        ...more,
      );
    const counts = async (out: string): Promise<Record<string, number>> => {
      const { directions } = (await json(join(out, 'report.json'))) as {
        directions: { source: string; target: string; patients: number }[];
      };
      return Object.fromEntries(
        directions.map(({ source, target, patients: count }) => [`${source} ${target}`, count]),
      );
    };
    await evaluate('scans');
    expect(await counts('scans')).toEqual({ 't1 t2': 2, 't2 t1': 2 });
    expect(said.join('\n')).toContain(`warning: ${note}`);
    await evaluate('all', '--include-synthetic');
    expect(await counts('all')).toEqual({ 't1 t2': 3, 't2 t1': 3 });
  });
});
