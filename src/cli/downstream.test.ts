import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeBallPatient } from '../../test/fixtures/ball-patients.js';
import { tinyModelFile } from '../../test/fixtures/tiny-model.js';
import type { DownstreamReport } from '../experiments/downstream-report.js';
import { addDownstreamCommand } from './add-downstream-command.js';

const folder = await mkdtemp(join(tmpdir(), 'utad-downstream-'));
const [data, out] = [join(folder, 'data'), join(folder, 'out')];
const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
vi.spyOn(console, 'error').mockImplementation(() => undefined);
vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
let model = '';

beforeAll(async () => {
  const modalities = ['t1', 't1ce', 't2', 'flair'];
  for (const [i, id] of ['p1', 'p2', 'p3', 'p4', 'p5'].entries())
    await writeBallPatient(data, id, {
      modalities: id === 'p5' ? ['t1'] : modalities,
      centre: [8 + 2 * i, 13, 5.5],
      radius: 3.5,
    });
  await writeFile(
    join(data, 'split.json'),
    JSON.stringify({ train: ['p1', 'p2', 'p5'], validation: ['p3', 'p4'] }),
  );
  model = await tinyModelFile(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function downstream(...options: string[]): Promise<void> {
  const program = new Command().exitOverride();
  addDownstreamCommand(program);
  const sets = [
    'model.sliceSide=32',
    'model.baseChannels=2',
    'model.levels=2',
    'schedule.batchSize=4',
    'data.minimumBrainFraction=0.02',
  ];
  await program.parseAsync([
    ...[
      'node',
      'utad',
      'downstream',
      data,
      '--model',
      model,
      '--out',
      out,
      '--preset',
      'tiny',
      '--threads',
      '1',
    ],
    ...sets.flatMap((one) => ['--set', one]),
    ...options,
  ]);
}

const usual = ['--missing', 't2,flair', '--iterations', '8', '--from', 't1'];
const report = async (): Promise<DownstreamReport> =>
  JSON.parse(await readFile(join(out, 'report.json'), 'utf8'));

describe('utad downstream', () => {
  it('trains a network for the truth and three for each missing modality, and compares them', async () => {
    await downstream(...usual);
    const { rows, results } = await report();
    expect(rows.map(({ missing, substitute, source }) => `${missing} ${substitute} ${source}`)).toEqual([
      'null truth null',
      't2 without null',
      't2 copied t1',
      't2 translated t1',
      'flair without null',
      'flair copied t1',
      'flair translated t1',
      'all without null',
      'all copied null',
      'all translated null',
    ]);
    expect(rows.every(({ patients }) => patients === 2)).toBe(true);
    expect(results.map(({ patients }) => patients.map(({ patient }) => patient))).toEqual(
      Array(7).fill(['p3', 'p4']),
    );
    const given = results.map(({ patients }) => patients[0]!.given.join());
    expect(given).toEqual([
      't1,t1ce,t2,flair',
      't1,t1ce,flair',
      't1,t1ce,t2,flair',
      't1,t1ce,t2,flair',
      't1,t1ce,t2',
      't1,t1ce,t2,flair',
      't1,t1ce,t2,flair',
    ]);
    for (const { regions } of rows) {
      const { dice, lessTruth } = regions['whole']!;
      expect(dice.low).toBeLessThanOrEqual(dice.mean);
      expect(lessTruth.mean).toBeCloseTo(dice.mean - rows[0]!.regions['whole']!.dice.mean, 10);
    }
    // p5 lacks modalities: it is no complete patient.
    expect((await readdir(join(out, 'filled'))).sort()).toEqual(['p1', 'p2', 'p3', 'p4']);
    expect(await readdir(join(out, 'filled', 'p1'))).toContain('p1_t2-synthetic.nii.gz');
    expect(said.mock.calls.flat().join('\n')).toMatch(
      /missing +in its place +whole[\s\S]*flair +translated t1/,
    );
    expect((await readFile(join(out, 'report.csv'), 'utf8')).trim().split('\n')).toHaveLength(1 + 10 * 3);
  });

  it('goes on where it stopped, with the same outcome', async () => {
    const before = await readFile(join(out, 'report.json'), 'utf8');
    const untouched = (await stat(join(out, 'results', 'truth.json'))).mtimeMs;
    await rm(join(out, 'results', 't2-translated.json'));
    await rm(join(out, 'runs', 't2-translated'), { recursive: true });
    await downstream(...usual);
    expect(await readFile(join(out, 'report.json'), 'utf8')).toBe(before);
    expect((await stat(join(out, 'results', 'truth.json'))).mtimeMs).toBe(untouched);
  });

  it('refuses another experiment in the same folder, and modalities that there are not', async () => {
    await expect(downstream('--missing', 't2,flair', '--iterations', '9', '--from', 't1')).rejects.toThrow(
      /expected the experiment that this folder began with, got other patients, settings or another translator\. Compare with .*settings\.json/,
    );
    await expect(downstream('--missing', 'pet')).rejects.toThrow(
      '--missing, --from: expected t1, t1ce, t2, flair, got pet.',
    );
    await expect(downstream('--missing', 't1', '--from', 't1')).rejects.toThrow(
      '--from: expected another modality than t1 to make it from, got t1.',
    );
  });
});
