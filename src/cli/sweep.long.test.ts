import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeBallPatient } from '../../test/fixtures/ball-patients.js';
import { addAxis } from '../experiments/sweep-grid.js';
import { pointsOf, readVariants } from '../experiments/sweep-plan.js';
import { sweepGroups, sweepRows } from '../experiments/sweep-summary.js';
import { runsData, sweepText } from '../experiments/sweep-tables.js';
import type { JobOutcome } from '../jobs/job.js';
import { csvTable, plainTable } from '../report/table.js';
import type { TrainRunResult } from '../runs/train-run-job.js';
import { addSweepCommand } from './add-sweep-command.js';

const folder = await mkdtemp(join(tmpdir(), 'utad-sweep-'));
afterAll(() => rm(folder, { recursive: true }));

describe('--vary', () => {
  it('takes numbers, texts, and values with commas of their own', () => {
    expect(addAxis('model.baseChannels=8,16', { seed: [1] })).toEqual({
      seed: [1],
      'model.baseChannels': [8, 16],
    });
    expect(addAxis('losses.truthError=squared,absolute', {})).toEqual({
      'losses.truthError': ['squared', 'absolute'],
    });
    expect(addAxis('model.modalities=["t1","t2"],["t1","flair"]', {})).toEqual({
      'model.modalities': [
        ['t1', 't2'],
        ['t1', 'flair'],
      ],
    });
  });

  it.each([
    'model.baseChannels',
    '=8',
    'model.baseChannels=',
    'model.baseChannels=8,',
    'model.baseChannels=8,8',
  ])('refuses %s', (text) => {
    expect(() => addAxis(text, {})).toThrow('--vary: expected a field and its values');
  });
});

describe('the runs of a sweep', () => {
  it('are every variant with every value in every fold', () => {
    const grid = { 'model.baseChannels': [8, 16], 'losses.generator.rec': [0] };
    const points = pointsOf({
      grid,
      variants: { whole: {}, bare: { 'data.mirror': false, 'model.baseChannels': 1 } },
      folds: 2,
    });
    expect(points.map(({ name }) => name)).toEqual([
      'whole_model.baseChannels-8_losses.generator.rec-0_fold-1',
      'whole_model.baseChannels-8_losses.generator.rec-0_fold-2',
      'whole_model.baseChannels-16_losses.generator.rec-0_fold-1',
      'whole_model.baseChannels-16_losses.generator.rec-0_fold-2',
      'bare_model.baseChannels-8_losses.generator.rec-0_fold-1',
      'bare_model.baseChannels-8_losses.generator.rec-0_fold-2',
      'bare_model.baseChannels-16_losses.generator.rec-0_fold-1',
      'bare_model.baseChannels-16_losses.generator.rec-0_fold-2',
    ]);
    expect(points[4]!.overrides).toEqual({
      'data.mirror': false,
      'model.baseChannels': 8,
      'losses.generator.rec': 0,
    });
    expect(pointsOf({ grid: {}, variants: null, folds: null }).map(({ name }) => name)).toEqual(['run']);
  });

  it('have names of their own, and are not too many', () => {
    const grid = { label: ['a/b', 'a b'] };
    expect(() => pointsOf({ grid, variants: null, folds: null })).toThrow('runs with names of their own');
    const many = { seed: Array.from({ length: 101 }, (_, i) => i) };
    expect(() => pointsOf({ grid: many, variants: null, folds: 100 })).toThrow('at most 10000 runs');
  });

  it('may have variants out of a file', async () => {
    const path = join(folder, 'variants.json');
    await writeFile(path, '{"whole": {}, "no-cycle": {"losses.generator.rec": 0}}');
    expect(await readVariants(path)).toEqual({ whole: {}, 'no-cycle': { 'losses.generator.rec': 0 } });
    await writeFile(path, '{"whole": 1}');
    await expect(readVariants(path)).rejects.toThrow('expected a JSON object of variants');
  });
});

describe('the summary of a sweep', () => {
  const points = pointsOf({
    grid: { 'model.baseChannels': [8, 16], seed: [1, 2] },
    variants: null,
    folds: null,
  });
  const done = (id: string, ssim: number): JobOutcome<TrainRunResult> => ({
    id,
    status: 'done',
    seconds: 3,
    result: { best: { iteration: 5, ssim, mae: 0.1 }, model: `${id}/model.onnx` },
  });
  const failure = { message: 'model.baseChannels-16_seed-1: diverged', fatal: false };
  const outcomes = new Map<string, JobOutcome<TrainRunResult>>([
    ['model.baseChannels-8_seed-1', done('model.baseChannels-8_seed-1', 0.5)],
    ['model.baseChannels-8_seed-2', done('model.baseChannels-8_seed-2', 0.7)],
    [
      'model.baseChannels-16_seed-1',
      { id: 'model.baseChannels-16_seed-1', status: 'failed', seconds: 1, failure },
    ],
    ['model.baseChannels-16_seed-2', done('model.baseChannels-16_seed-2', 0.8)],
  ]);
  const rows = sweepRows(points, outcomes);

  it('puts together what differs by seed and fold alone', () => {
    const [eight, sixteen] = sweepGroups(rows);
    expect(eight).toMatchObject({ varied: { 'model.baseChannels': 8 }, runs: 2 });
    expect(eight?.ssim?.mean).toBeCloseTo(0.6, 12);
    expect(eight?.ssim?.deviation).toBeCloseTo(Math.SQRT2 / 10, 12);
    expect(sixteen).toMatchObject({
      varied: { 'model.baseChannels': 16 },
      runs: 1,
      ssim: { mean: 0.8, deviation: null },
    });
  });

  it('is a table for people and one for programs', () => {
    const table = sweepText(rows, sweepGroups(rows), plainTable);
    expect(table).toMatch(/model.baseChannels-16_seed-1 +failed +– +– +–/);
    expect(table).toMatch(/model.baseChannels=8 +2 +0\.6000 ± 0\.1414 +0\.1000 ± 0\.0000/);
    expect(table).toMatch(/model.baseChannels-16_seed-1: diverged$/);
    expect(csvTable(runsData(rows)).split('\n').slice(0, 2)).toEqual([
      'name,variant,model.baseChannels,seed,fold,status,iteration,ssim,mae',
      'model.baseChannels-8_seed-1,,8,1,,done,5,0.5,0.1',
    ]);
  });
});

describe('utad sweep', () => {
  const data = join(folder, 'data');
  const out = join(folder, 'sweep');
  beforeAll(async () => {
    for (const [i, id] of ['p1', 'p2', 'p3', 'p4'].entries())
      await writeBallPatient(data, id, {
        modalities: ['t1', 't1ce', 't2', 'flair'],
        centre: [9 + i, 13, 5],
        radius: 3,
      });
    for (const spy of [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')]) spy.mockReturnValue(undefined);
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterAll(() => void vi.restoreAllMocks());

  async function sweep(...options: string[]): Promise<void> {
    const program = new Command().exitOverride();
    addSweepCommand(program);
    const small = [
      ...[
        '--preset',
        'tiny',
        '--paired',
        '--stage',
        'teacher',
        '--iterations',
        '2',
        '--threads',
        '1',
        '--jobs',
        '1',
      ],
      ...[
        '--set',
        'model.sliceSide=32',
        '--set',
        'model.baseChannels=2',
        '--set',
        'model.levels=2',
        '--set',
        'model.criticBaseChannels=2',
      ],
      ...['--set', 'validation.slices=2', '--set', 'schedule.batchSize=2'],
    ];
    await program.parseAsync(['node', 'utad', 'sweep', data, '--out', out, ...small, ...options]);
  }
  const summary = async () => JSON.parse(await readFile(join(out, 'sweep.json'), 'utf8'));

  it('trains every run in every fold, prepares shared slices once, and goes on where it was', async () => {
    await sweep('--vary', 'seed=1,2', '--folds', '2');
    const { runs, groups } = await summary();
    expect(runs.map(({ name, status }: { name: string; status: string }) => `${name} ${status}`)).toEqual([
      'seed-1_fold-1 done',
      'seed-1_fold-2 done',
      'seed-2_fold-1 done',
      'seed-2_fold-2 done',
    ]);
    expect(groups).toMatchObject([{ varied: {}, runs: 4 }]);
    const held = await Promise.all(
      [1, 2].map(async (fold) => {
        const record = JSON.parse(await readFile(join(out, `seed-1_fold-${fold}`, 'run.json'), 'utf8'));
        return record.validationCases as string[];
      }),
    );
    expect(held.flat().sort()).toEqual(['p1', 'p2', 'p3', 'p4']);
    // Paired, a fold's slices are the same for every seed.
    expect((await readdir(join(out, 'cache'))).filter((name) => name.endsWith('.bin'))).toHaveLength(2);

    const journal = join(out, 'seed-1_fold-1/teacher/journal.jsonl');
    // Its lines say how long each update took: the same text, and nothing was learnt again.
    const before = await readFile(journal, 'utf8');
    await sweep('--vary', 'seed=1,2', '--folds', '2');
    const again = await summary();
    expect(await readFile(journal, 'utf8')).toBe(before);
    const figures = (of: { ssim: number; mae: number }[]) => of.map(({ ssim, mae }) => [ssim, mae]);
    expect(figures(again.runs)).toEqual(figures(runs));
  });

  it('refuses a folder whose runs were others, and a mistyped field before anything begins', async () => {
    await sweep('--vary', 'seed=1', '--folds', '2', '--set', 'optimiser.learningRate=0.5');
    expect((await summary()).runs[0].message).toMatch(
      /seed-1_fold-1: expected no run, or one with the configuration/,
    );
    expect(process.exitCode).toBe(1);
    process.exitCode = 0;
    await expect(sweep('--vary', 'model.baseChanels=1,2')).rejects.toThrow(
      'Did you mean model.baseChannels?',
    );
  });
});
