import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeBallPatient } from '../../test/fixtures/ball-patients.js';
import { tinyModelFile } from '../../test/fixtures/tiny-model.js';
import { tinySegmenterFile } from '../../test/fixtures/tiny-segmenter.js';
import { findCases } from '../datasets/find-cases.node.js';
import { readVolumeFile } from '../imaging/formats/volume-file.node.js';
import { addTranslateCommand } from './add-translate-command.js';

let folder: string;
let data: string;
let model: string;
const lines: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-translate-check-'));
  data = join(folder, 'data');
  model = await tinyModelFile(folder);
  await writeBallPatient(data, 'p1', { modalities: ['t1', 't1ce', 't2'], centre: [9, 13, 5], radius: 3 });
  await writeBallPatient(data, 'p2', { modalities: ['t1'], centre: [9, 13, 5], radius: 3 });
  lines.length = 0;
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
});
afterEach(async () => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function translate(path: string, ...options: readonly string[]): Promise<void> {
  const program = new Command().exitOverride();
  addTranslateCommand(program);
  await program.parseAsync([
    'node',
    'utad',
    'translate',
    path,
    '--model',
    model,
    '--threads',
    '1',
    ...options,
  ]);
}

const scan = (): string => join(data, 'p1', 'p1_t1.nii.gz');
const sidecarOf = async (path: string) => JSON.parse(await readFile(path, 'utf8')).utad;

describe('utad translate --check', () => {
  it('writes beside a volume where it disagrees with itself, on the target’s scale', async () => {
    const out = join(folder, 'made.nii');
    await translate(
      scan(),
      '--to',
      't2',
      '--out',
      out,
      '--check',
      '--segmenter',
      await tinySegmenterFile(folder),
    );
    expect((await readdir(folder)).filter((name) => name.startsWith('made'))).toEqual([
      'made.json',
      'made.nii',
      'made_cycle-error.nii.gz',
    ]);
    const [source, map] = [
      await readVolumeFile(scan()),
      await readVolumeFile(join(folder, 'made_cycle-error.nii.gz')),
    ];
    expect(map.size).toEqual(source.size);
    expect(map.affineVoxelToWorld).toEqual(source.affineVoxelToWorld);
    // The tiny model gives T2 from 50 to 700 back.
    const inBrain = map.data.filter((_, i) => source.data[i] !== 0);
    expect(Math.max(...inBrain)).toBeLessThanOrEqual(650.01);
    expect(Math.min(...inBrain)).toBeGreaterThanOrEqual(0);
    expect(map.data.every((value, i) => source.data[i] !== 0 || value === 0)).toBe(true);
    const { check, settings } = await sidecarOf(join(folder, 'made.json'));
    expect(check).toMatchObject({
      unit: 'intensities of t2, which reach from 50 to 700',
      cycleError: { file: 'made_cycle-error.nii.gz' },
      spread: null,
      tumour: { wasDetected: expect.any(Boolean), thresholds: { leastMl: 1 } },
    });
    const mean = inBrain.reduce((sum, value) => sum + value, 0) / inBrain.length;
    expect(Math.abs(check.cycleError.mean - mean)).toBeLessThan(0.05 * mean);
    expect(check.cycleError.percentile95).toBeGreaterThan(check.cycleError.mean);
    expect(settings.check).toMatch(/^[0-9a-f]{64}$/);
    expect(lines.join('\n')).toMatch(
      /disagreement on a range of 650: there and back [\d.]+ \(95 %: [\d.]+\)/,
    );
    await expect(
      translate(scan(), '--to', 't2', '--out', join(folder, 'made.nii'), '--check'),
    ).rejects.toThrow('made.nii: exists already');
  });

  it('adds the spread where a patient has several sources, and makes anew what was not checked', async () => {
    const out = join(folder, 'filled');
    const options = ['--to', 'flair', '--out', out, '--jobs', '1'];
    await translate(data, ...options);
    await translate(data, ...options, '--check');
    expect(await readdir(join(out, 'p1'))).toEqual([
      'p1_flair-synthetic.json',
      'p1_flair-synthetic.nii.gz',
      'p1_flair-synthetic_cycle-error.nii.gz',
      'p1_flair-synthetic_spread.nii.gz',
    ]);
    expect(await readdir(join(out, 'p2'))).not.toContain('p2_flair-synthetic_spread.nii.gz');
    const { check } = await sidecarOf(join(out, 'p1', 'p1_flair-synthetic.json'));
    expect(check.spread.sources).toEqual(['t1', 't1ce', 't2']);
    expect(check.spread.mean).toBeGreaterThan(0);
    await expect(findCases(out)).rejects.toThrow('got none of them');
    const summary = async () => JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')).counts;
    expect(await summary()).toMatchObject({ translated: 2, kept: 0 });
    await translate(data, ...options, '--check');
    expect(await summary()).toMatchObject({ translated: 0, kept: 2 });
  });

  it('refuses a segmenter without a check, and one that does not know what is translated', async () => {
    const out = ['--to', 't2', '--out', join(folder, 'made.nii')];
    const segmenter = await tinySegmenterFile(folder, {}, ['t1', 't2']);
    await expect(translate(scan(), ...out, '--segmenter', segmenter)).rejects.toThrow(
      '--segmenter: requires --check.',
    );
    await expect(translate(scan(), ...out, '--check', '--segmenter', segmenter)).rejects.toThrow(
      'expected a segmenter that knows t1, t1ce, t2, flair, got one of t1, t2.',
    );
  });
});
