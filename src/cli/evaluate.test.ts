import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { decode } from 'fast-png';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { tinyConfiguration, tinyGenerator, tinyMetadata } from '../../test/fixtures/tiny-model.js';
import type { EvaluationReport } from '../evaluate/evaluation-report.js';
import { writeVolumeFile } from '../imaging/volume-file.node.js';
import { writeModel } from '../translate/write-model.js';
import { addEvaluateCommand } from './evaluate.js';

const folder = await mkdtemp(join(tmpdir(), 'evaluate-'));
const data = join(folder, 'data');
const model = join(folder, 'model.onnx');
const names = tinyConfiguration.modalities;
const size = [24, 24, 12] as const;

/** A ball of brain with a small ball of tumour; each modality is another pattern. */
async function writePatient(id: string, modalities: readonly string[]): Promise<void> {
  const affineVoxelToWorld = [-8, 0, 0, 0, 0, -8, 0, 0, 0, 0, 8, 0, 0, 0, 0, 1];
  const draw = (value: (radius: number, i: number) => number) => ({
    data: Float32Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => {
      const [x, y, z] = [i % 24, Math.floor(i / 24) % 24, Math.floor(i / 576)];
      return value(Math.hypot(x - 11.5, y - 11.5, 2 * (z - 5.5)), i);
    }),
    size,
    affineVoxelToWorld,
  });
  for (const [m, name] of modalities.entries()) {
    const volume = draw((radius, i) => (radius < 10 ? 100 + 50 * Math.sin(i / (m + 2)) : 0));
    await writeVolumeFile(join(data, id, `${id}_${name}.nii.gz`), volume);
  }
  await writeVolumeFile(
    join(data, id, `${id}_seg.nii.gz`),
    draw((radius) => (radius < 3 ? 1 : 0)),
  );
}

async function run(...options: string[]): Promise<void> {
  const program = new Command().exitOverride();
  addEvaluateCommand(program);
  await program.parseAsync(['node', 'utad', 'evaluate', data, '--model', model, ...options]);
}

const said = { out: vi.spyOn(console, 'log'), err: vi.spyOn(console, 'error') };
for (const spy of Object.values(said)) spy.mockImplementation(() => undefined);
vi.spyOn(process.stderr, 'write').mockImplementation(() => true);

beforeAll(async () => {
  await writePatient('P1', names);
  await writePatient('P2', names.slice(0, 2));
  const training = {
    stage: 'student' as const,
    iterations: 1,
    trainingCases: ['P2'],
    validationCases: ['P1'],
    quantiles: Object.fromEntries(
      names.map((name) => [name, Array.from({ length: 257 }, (_, i) => i / 256)]),
    ),
    validation: null,
    dataFingerprint: 'x',
  };
  await writeFile(model, writeModel(tinyGenerator(), { ...tinyMetadata(), training }));
});
afterEach(() => {
  for (const spy of Object.values(said)) spy.mockClear();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('utad evaluate', () => {
  it('writes report, table, page and sheets for the validation patients of the model file', async () => {
    const out = join(folder, 'out');
    await run('--out', out, '--every', '2');
    expect((await readdir(out)).sort()).toEqual(['report.csv', 'report.html', 'report.json', 'sheets']);
    const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as EvaluationReport;
    expect(report.directions).toHaveLength(12);
    expect(new Set(report.patients.map(({ patient }) => patient))).toEqual(new Set(['P1']));
    expect(report.mean.brain.mae).toBeGreaterThan(0);
    expect(report.mean.tumour?.ssim).toBeLessThan(1);
    expect(report.mean.matched?.brain.mae).toBeGreaterThan(0);
    expect(report).toMatchObject({
      every: 2,
      warnings: [],
      patientsChosen: 'the validation patients that the model file names',
    });
    const page = await readFile(join(out, 'report.html'), 'utf8');
    expect(page).toContain('t1 → flair');
    expect(page).not.toMatch(/https?:|NaN|undefined/);
    expect((await readdir(join(out, 'sheets'))).sort()).toEqual(['P1-directions.png', 'P1-overview.png']);
    expect(decode(await readFile(join(out, 'sheets', 'P1-directions.png'))).height).toBeGreaterThan(12 * 128);
    expect(String(said.out.mock.calls[0])).toContain('mean');
  });

  it('warns of patients that the model has learnt from, and judges only the modalities that are there', async () => {
    const out = join(folder, 'all');
    await run('--out', out, '--patients', 'all');
    const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as EvaluationReport & {
      warnings: string[];
    };
    expect(report.patients).toHaveLength(14);
    expect(report.warnings).toEqual(['The model has learnt from P2: their figures flatter it.']);
    expect(said.err.mock.calls.flat().join('\n')).toContain('The model has learnt from P2');
  });

  it('refuses a step that is no number, before reading anything', async () => {
    await expect(run('--out', folder, '--every', 'x')).rejects.toThrow('--every: expected a whole number');
  });
});
