import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { decode } from 'fast-png';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { tinyConfiguration, tinyGenerator, tinyMetadata } from '../../test/fixtures/tiny-model.js';
import { tinySegmenterFile } from '../../test/fixtures/tiny-segmenter.js';
import { fusionBeside } from '../cohort/plan/fusion-choice.js';
import { type ReportFile, reportFileSchema, reportJsonSchema } from '../evaluate/report-schema.js';
import { writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import { noOrigin } from '../imaging/volume.js';
import { writeModel } from '../translate/write-model.js';
import { addEvaluateCommand } from './add-evaluate-command.js';

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
    origin: noOrigin,
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
  // Fitting takes seconds: one test does it.
  const fit = options.includes('--fit') ? [] : ['--fit', 'none'];
  await program.parseAsync(['node', 'utad', 'evaluate', data, '--model', model, ...fit, ...options]);
}

async function readReport(out: string): Promise<ReportFile> {
  return reportFileSchema.parse(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
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
    const split = join(folder, 'split.json');
    await writeFile(split, JSON.stringify({ train: ['P2'], validation: ['P1'] }));
    const sheet = join(folder, 'sheet.png');
    await run('--out', out, '--every', '2', '--features', '--uniform', '--sheet', sheet, '--fit', split);
    expect((await readdir(out)).sort()).toEqual([
      'regression.json',
      'report.csv',
      'report.html',
      'report.json',
      'sheets',
      'slices.csv',
    ]);
    const report = await readReport(out);
    expect(report).toMatchObject({
      format: 3,
      grid: 'native',
      protocol: 'each',
      givenMask: false,
      sliceSide: null,
      regression: { patients: ['P2'], missing: null },
    });
    // P2 has two modalities: it teaches two directions.
    expect(report.directions.filter(({ regression }) => regression !== null)).toHaveLength(2);
    expect(await readFile(sheet)).toEqual(await readFile(join(out, 'sheets', 'P1-directions.png')));
    expect(report.directions).toHaveLength(12);
    expect(new Set(report.patients.map(({ patient }) => patient))).toEqual(new Set(['P1']));
    expect(report.mean.brain.mae).toBeGreaterThan(0);
    expect(report.mean.tumour?.ssim).toBeLessThan(1);
    expect(report.mean.histogramMatched?.brain.mae).toBeGreaterThan(0);
    expect(report).toMatchObject({
      every: 2,
      failed: [],
      warnings: [
        'Fréchet distances of 4 slices with 36 features are far too high: compare them within a direction only.',
      ],
      patientsChosen: 'the validation patients that the model file names',
    });
    const page = await readFile(join(out, 'report.html'), 'utf8');
    expect(page).toContain('t1 → flair');
    expect(page.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|NaN|undefined/);
    expect(page.match(/class="panel panel-/g)).toHaveLength(12);
    expect(page.match(/ checked/g)).toHaveLength(1);
    expect(report.baseChannels?.extractor.name).toBe('gaussian-derivatives 1 (built in)');
    expect(report.baseChannels?.directions).toHaveLength(12);
    expect(page).toContain(report.baseChannels!.extractor.sha256);
    expect(report.mean.brain.ssimUniform).not.toBeNull();
    expect((await readdir(join(out, 'sheets'))).sort()).toEqual(['P1-directions.png', 'P1-overview.png']);
    expect(decode(await readFile(join(out, 'sheets', 'P1-directions.png'))).height).toBeGreaterThan(12 * 128);
    expect(String(said.out.mock.calls[0])).toContain('mean');
  });

  it('warns of patients that the model has learnt from, and judges only the modalities that are there', async () => {
    const out = join(folder, 'all');
    await run('--out', out, '--patients', 'all', '--jobs', '1');
    const report = await readReport(out);
    expect(report.patients).toHaveLength(14);
    expect(report.warnings).toEqual(['The model has learnt from P2: their figures flatter it.']);
    expect(said.err.mock.calls.flat().join('\n')).toContain('The model has learnt from P2');
  });

  it('refuses a step that is no number, before reading anything', async () => {
    await expect(run('--out', folder, '--every', 'x')).rejects.toThrow('--every: expected a whole number');
  });

  it('judges the others when a patient cannot be, and says so', async () => {
    await writePatient('P3', names);
    await writeFile(join(data, 'P3', 'P3_t2.nii.gz'), 'nothing');
    const out = join(folder, 'failing');
    await run('--out', out, '--patients', 'all', '--jobs', '1');
    await rm(join(data, 'P3'), { recursive: true });
    const report = await readReport(out);
    expect(report.failed.map(({ patient }) => patient)).toEqual(['P3']);
    expect(report.warnings.at(-1)).toMatch(/^Not evaluated: .*P3_t2\.nii\.gz: expected/);
    expect(new Set(report.patients.map(({ patient }) => patient))).toEqual(new Set(['P1', 'P2']));
    expect(process.exitCode).toBe(1);
    process.exitCode = 0;
  });

  it('leaves nothing behind when it is stopped', async () => {
    const out = join(folder, 'stopped');
    const stopped = run('--out', out, '--patients', 'all', '--jobs', '1');
    const judging = vi.waitFor(() => expect(process.listenerCount('SIGINT')).toBeGreaterThan(0));
    await judging;
    process.emit('SIGINT', 'SIGINT');
    await expect(stopped).rejects.toThrow('utad evaluate: stopped; run it again to continue.');
    expect(await readdir(out)).toEqual([]);
  });

  it('fuses several sources with weights of the other patients, and writes what all teach', async () => {
    await writePatient('P4', names.slice(0, 3));
    const out = join(folder, 'fused');
    await run('--out', out, '--patients', 'all', '--jobs', '1', '--fuse', '--write-fusion');
    const report = await readReport(out);
    const sets = report.fused!.map(
      ({ sources, target, patients }) => `${sources.join('+')}>${target} ${patients}`,
    );
    // P1 has all four, P4 three, P2 only two: three sources are never learnt from another patient.
    expect(sets.sort()).toEqual(['t1+t1ce>t2 2', 't1+t2>t1ce 2', 't1ce+t2>t1 2']);
    expect(report.fusedPatients).toHaveLength(6);
    const [one] = report.fused!;
    expect(one!.intervals.minusBest.brain.ssim!.mean).toBeCloseTo(
      one!.brain.ssim - one!.single.brain.ssim,
      12,
    );
    const table = await readFile(join(out, 'report.csv'), 'utf8');
    expect(table).toMatch(/^P1,t1 \+ t1ce,t2,fused,tumour,mae,0\.\d+$/m);
    expect(table).toMatch(/^P4,t1 \+ t1ce,t2,fused mean,brain,ssim,0\.\d+$/m);
    const page = await readFile(join(out, 'report.html'), 'utf8');
    expect(page).toContain('From several sources');
    expect(page.match(/class="panel panel-/g)).toHaveLength(15);
    const fusion = JSON.parse(await readFile(join(out, 'fusion.json'), 'utf8')) as { tables: unknown[] };
    expect(fusion.tables).toHaveLength(16);
    expect(JSON.parse(await readFile(fusionBeside(model), 'utf8'))).toEqual(fusion);

    const again = join(folder, 'again');
    await run('--out', again, '--patients', 'all', '--jobs', '1', '--fuse', join(out, 'fusion.json'));
    const second = await readReport(again);
    expect(second.fused).toHaveLength(16);
    expect(second.warnings).toContain(
      'The fusion weights were learnt from P1, P4: the fused figures flatter them.',
    );
    expect(await readdir(again)).not.toContain('fusion.json');
    await rm(join(data, 'P4'), { recursive: true });
  });

  it('refuses to fuse with nobody to learn from', async () => {
    const out = join(folder, 'alone');
    await expect(run('--out', out, '--fuse', '--jobs', '1')).rejects.toThrow(
      '--fuse: expected 2 patients with three modalities or more, got 1',
    );
    await expect(run('--out', out, '--write-fusion')).rejects.toThrow(
      '--write-fusion: there are no newly learnt weights to write. Add --fuse without a file.',
    );
    await expect(readdir(out)).rejects.toThrow('ENOENT');
  });

  it('refuses a feature network that is not there, before judging', async () => {
    await expect(run('--out', folder, '--features', join(folder, 'no.onnx'))).rejects.toThrow(
      'no.onnx: there is no such file',
    );
  });
});

describe('a segmenter', () => {
  it('is asked about every translation and its truth, alone', async () => {
    const out = join(folder, 'segmented');
    const segmenter = await tinySegmenterFile(folder);
    await run('--out', out, '--every', '2', '--jobs', '1', '--segmenter', segmenter);
    const report = await readReport(out);
    expect(report.segmenter).toMatchObject({ file: segmenter });
    for (const { segmentation } of report.directions) {
      expect(segmentation!.onTruth.volumeMl).toBeGreaterThan(0);
      expect(segmentation!.between.dice).toBeGreaterThan(0);
      expect(segmentation!.between.dice).toBeLessThan(1);
    }
    expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('What a segmentation network finds');
    expect(await readFile(join(out, 'report.csv'), 'utf8')).toContain('segmented between,tumour,dice');
  });

  it('is refused where it does not know a modality or sees other slices', async () => {
    const other = await mkdtemp(join(folder, 'other-'));
    const segmenter = await tinySegmenterFile(other, {}, ['t1', 't2']);
    await expect(run('--out', join(folder, 'x'), '--segmenter', segmenter)).rejects.toThrow(
      /tiny-segmenter\.onnx: expected a segmenter that knows/,
    );
  });
});

describe('docs/report.schema.json', () => {
  it('is the schema that reports are checked with', async () => {
    const file = new URL('../../docs/report.schema.json', import.meta.url);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(reportJsonSchema())));
  });
});
