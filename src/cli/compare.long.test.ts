import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeBallPatient } from '../../test/fixtures/ball-patients.js';
import type { ComparisonRow } from '../experiments/comparison-report.js';
import { addCompareCommand } from './add-compare-command.js';

const folder = await mkdtemp(join(tmpdir(), 'utad-compare-'));
const [data, out] = [join(folder, 'data'), join(folder, 'out')];
const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
vi.spyOn(console, 'error').mockImplementation(() => undefined);
vi.spyOn(process.stderr, 'write').mockImplementation(() => true);

beforeAll(async () => {
  for (const [i, id] of ['p1', 'p2', 'p3', 'p4', 'p5'].entries())
    await writeBallPatient(data, id, {
      modalities: ['t1', 't1ce', 't2', 'flair'],
      centre: [8 + 2 * i, 13, 5.5],
      radius: 3.5,
    });
  await writeFile(
    join(data, 'split.json'),
    JSON.stringify({ train: ['p1', 'p2', 'p5'], validation: ['p3', 'p4'] }),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function compare(...options: string[]): Promise<void> {
  const program = new Command().exitOverride();
  addCompareCommand(program);
  const sets = [
    'model.sliceSide=32',
    'model.baseChannels=2',
    'model.levels=2',
    'model.criticBaseChannels=2',
    'model.criticLayers=3',
    'data.minimumBrainFraction=0.02',
    'data.paired=true',
  ];
  await program.parseAsync([
    ...['node', 'utad', 'compare', data, '--out', out, '--threads', '1', '--iterations', '2'],
    ...sets.flatMap((one) => ['--set', one]),
    ...options,
  ]);
}

interface Report {
  readonly rows: readonly ComparisonRow[];
  readonly about: Readonly<Record<string, string>>;
  readonly results: readonly { readonly method: string; readonly patients: readonly object[] }[];
}
const report = async (): Promise<Report> => JSON.parse(await readFile(join(out, 'report.json'), 'utf8'));
const usual = ['--methods', 'single,cyclegan,student', '--pair', 't2:flair'];

describe('utad compare', () => {
  it('trains the rows that are asked for and judges them alike', async () => {
    await compare(...usual);
    const { rows, results, about } = await report();
    expect(rows.map(({ row, iterations }) => [row, iterations])).toEqual([
      ['constant', null],
      ['truthMean', null],
      ['copy', null],
      ['histogramMatched', null],
      ['single', 2],
      ['cyclegan', 2],
      ['student', 2],
    ]);
    // Two patients, twelve directions; CycleGAN has two.
    expect(results.map(({ patients }) => patients.length)).toEqual([24, 4, 24]);
    const student = rows.find(({ row }) => row === 'student')!;
    expect(student.all!.tumour.ssim).toMatchObject({ patients: 2, lessStudent: null });
    const single = rows.find(({ row }) => row === 'single')!;
    expect(single.all!.brain.mae!.lessStudent!.mean).toBeCloseTo(
      single.all!.brain.mae!.mean - student.all!.brain.mae!.mean,
      10,
    );
    expect(rows.find(({ row }) => row === 'cyclegan')!.all).toBeNull();
    expect(about).toMatchObject({ budget: '2 batches of 4 slices of 32×32 a row, teacher included' });
    expect(said.mock.calls.flat().join('\n')).toMatch(
      /all directions +brain r[\s\S]*single branch[\s\S]*t2 → flair and back[\s\S]*CycleGAN/,
    );
    const page = await readFile(join(out, 'report.html'), 'utf8');
    expect(page.match(/data:image\/png/g)).toHaveLength(2);
    expect(await readFile(join(out, 'report.txt'), 'utf8')).toContain('histogram-matched');
  });

  it('keeps what is finished, and adds rows to it', async () => {
    const before = await report();
    const path = join(out, 'results', 'single-1.json');
    const untouched = (await stat(path)).mtimeMs;
    // Judged again from its checkpoint, with the same outcome.
    await rm(join(out, 'results', 'student-1.json'));
    await compare('--methods', 'single,cyclegan,student,no-distillation', '--pair', 't2:flair');
    const { rows, results } = await report();
    expect((await stat(path)).mtimeMs).toBe(untouched);
    expect(rows.map(({ row }) => row)).toContain('no-distillation');
    for (const one of before.results)
      expect(results.find(({ method }) => method === one.method)).toEqual(one);
  });

  it('repeats with other seeds', async () => {
    await compare('--methods', 'single', '--seeds', '1,2', '--pair', 't2:flair');
    const { rows } = await report();
    const figure = rows.find(({ row }) => row === 'single')!.all!.brain.ssim!;
    expect(figure.seeds).toHaveLength(2);
    expect(figure.seeds[0]).not.toBe(figure.seeds[1]);
    expect(figure.mean).toBeCloseTo((figure.seeds[0]! + figure.seeds[1]!) / 2, 10);
  });

  it('refuses another comparison in the same folder, and what there is not', async () => {
    await expect(compare('--iterations', '4')).rejects.toThrow(
      /expected the comparison that this folder began with, got other patients or settings\. Compare with .*settings\.json/,
    );
    await expect(compare('--methods', 'pix2pix')).rejects.toThrow(
      /--methods: expected single, cyclegan, .*got pix2pix/,
    );
    await expect(compare('--pair', 't1:pet')).rejects.toThrow(
      '--pair: expected two of t1, t1ce, t2, flair as t1:t1ce, got t1:pet.',
    );
    await expect(compare('--ours', 'model.brainMaskChanel=true')).rejects.toThrow(
      'Did you mean model.brainMaskChannel?',
    );
  });
});
