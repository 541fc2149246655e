import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeBallPatient } from '../../test/fixtures/ball-patients.js';
import { tinyModelFile } from '../../test/fixtures/tiny-model.js';
import { tinySegmenterFile } from '../../test/fixtures/tiny-segmenter.js';
import type { CheckReport } from '../evaluate/check-report.js';
import { addCheckCommand } from './add-check-command.js';

const folder = await mkdtemp(join(tmpdir(), 'utad-check-command-'));
const data = join(folder, 'data');
const said = { out: vi.spyOn(console, 'log'), err: vi.spyOn(console, 'error') };
for (const spy of Object.values(said)) spy.mockImplementation(() => undefined);
vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
let [model, segmenter] = ['', ''];

beforeAll(async () => {
  await writeBallPatient(data, 'p1', { modalities: ['t1', 't2', 'flair'], centre: [9, 13, 5], radius: 3 });
  await writeBallPatient(data, 'p2', { modalities: ['t1', 't1ce'], centre: [12, 9, 6], radius: 4 });
  await writeBallPatient(data, 'p3', { modalities: ['t1'], centre: [12, 9, 6], radius: 4 });
  [model, segmenter] = [await tinyModelFile(folder), await tinySegmenterFile(folder, { modalityDropout: 0 })];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function check(...options: string[]): Promise<void> {
  const program = new Command().exitOverride();
  addCheckCommand(program);
  await program.parseAsync([
    'node',
    'utad',
    'check',
    data,
    '--model',
    model,
    '--out',
    join(folder, 'out'),
    '--jobs',
    '1',
    ...options,
  ]);
}

describe('utad check', () => {
  it('writes what became of every tumour, patient by patient and direction by direction', async () => {
    await check('--segmenter', segmenter);
    const report = JSON.parse(await readFile(join(folder, 'out', 'check.json'), 'utf8')) as CheckReport & {
      warnings: string[];
    };
    expect(report.patients).toHaveLength(6 + 2);
    expect(report.directions).toHaveLength(8);
    expect(report.directions.every(({ patients }) => patients === 1)).toBe(true);
    expect(report.thresholds).toEqual({
      leastMl: 1,
      detectedDice: 0.5,
      vanishedShare: 0.1,
      shrankShare: 0.5,
      grewShare: 2,
      movedRadii: 0.5,
    });
    for (const { patient, spread, cycleRank, error, contrastBefore } of report.patients) {
      expect(spread === null).toBe(patient === 'p2');
      expect(Math.abs(cycleRank)).toBeLessThanOrEqual(1);
      expect(error.mean).toBeGreaterThan(0);
      expect(contrastBefore).toBeGreaterThan(0.2);
    }
    const csv = (await readFile(join(folder, 'out', 'check.csv'), 'utf8')).trim().split('\n');
    expect(csv).toHaveLength(9);
    expect(csv[0]).toMatch(/^patient,source,target,detected,flags,before_ml,after_ml,dice,centroid_shift_mm/);
    expect(report.warnings).toEqual([
      'The segmenter always had all modalities in training, and is given one alone here: train it with modalityDropout.',
    ]);
    expect(said.out.mock.calls.flat().join('\n')).toMatch(
      /direction +detected +Dice detected[\s\S]*t1 → t1ce[\s\S]*all /,
    );
  });

  it('loses a broken patient alone, and says so', async () => {
    await writeBallPatient(data, 'p4', { modalities: ['t1', 't2'], centre: [12, 9, 6], radius: 4 });
    await writeFile(join(data, 'p4', 'p4_t2.nii.gz'), 'nothing');
    await check('--segmenter', segmenter);
    await rm(join(data, 'p4'), { recursive: true });
    const { patients, failed } = JSON.parse(await readFile(join(folder, 'out', 'check.json'), 'utf8')) as {
      patients: unknown[];
      failed: { patient: string; message: string }[];
    };
    expect(patients).toHaveLength(8);
    expect(failed.map(({ patient }) => patient)).toEqual(['p4']);
    expect(failed[0]?.message).toMatch(/p4_t2\.nii\.gz: expected/);
    expect(process.exitCode).toBe(1);
    process.exitCode = 0;
  });

  it('refuses a segmenter that does not know what is translated, and one that is none', async () => {
    const narrow = await tinySegmenterFile(data, {}, ['t1', 'flair']);
    await expect(check('--segmenter', narrow)).rejects.toThrow(
      'expected a segmenter that knows t1, t1ce, t2, flair, got one of t1, flair.',
    );
    await expect(check('--segmenter', model)).rejects.toThrow('expected a segmenter of utad-net');
  });
});
