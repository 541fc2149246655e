import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tinyConfiguration, tinyMetadata, tinyModelFile } from '../../test/fixtures/tiny-model.js';
import { lpsAffine, smoothHead } from '../../test/fixtures/volumes.js';
import { chooseSources, fusionBeside } from '../cohort/plan/fusion-choice.js';
import { findCases } from '../datasets/find-cases.node.js';
import { readVolumeFile, writeVolumeFile } from '../imaging/formats/volume-file.node.js';
import type { Triple } from '../imaging/volume.js';
import { type Fusion, fusionBins } from '../translate/fusion.js';
import { addTranslateCommand } from './add-translate-command.js';

const size: Triple = [30, 30, 8];
const spacing: Triple = [8, 8, 18];
/** Everything to the first source. */
const firstAlone = Array.from({ length: fusionBins }, () => [1, 0]);

let folder: string;
let model: string;
let printed: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-fused-'));
  model = await tinyModelFile(folder);
  for (const [index, name] of ['t1', 't2'].entries()) {
    await mkdir(join(folder, 'data', 'p1'), { recursive: true });
    const head = smoothHead(size, spacing, lpsAffine(spacing, size), [60, 70 + 5 * index, 55]);
    await writeVolumeFile(join(folder, 'data', 'p1', `p1_${name}.nii.gz`), head);
  }
  printed = [];
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
});
afterEach(async () => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function translate(out: string, ...options: readonly string[]): Promise<void> {
  const program = new Command();
  addTranslateCommand(program);
  const common = ['--to', 'flair', '--model', model, '--jobs', '1', '--threads', '1'];
  const all = ['translate', join(folder, 'data', 'p1'), ...common, '--out', join(folder, out), ...options];
  await program.parseAsync(['node', 'utad', ...all]);
}

const volumeOf = (out: string, ending = 'synthetic') =>
  readVolumeFile(join(folder, out, 'p1', `p1_flair-${ending}.nii.gz`));
const sidecarOf = async (out: string) =>
  JSON.parse(await readFile(join(folder, out, 'p1', 'p1_flair-synthetic.json'), 'utf8'));

async function writeFusion(weights: number[][], modelSha256?: string): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(model))
    .digest('hex');
  const fusion: Fusion = {
    format: 1,
    modelSha256: modelSha256 ?? hash,
    modalities: tinyConfiguration.modalities,
    patients: ['a', 'b', 'c'],
    tables: [{ target: 'flair', sources: ['t1', 't2'], patients: 3, weights }],
    codeVersion: '0',
  };
  const path = join(folder, 'fusion.json');
  await writeFile(path, JSON.stringify(fusion));
  return path;
}

describe('utad translate --fuse', () => {
  it('makes a patient’s modality from all others: their mean, with the map of their spread', async () => {
    await translate('t1', '--from', 't1');
    await translate('t2', '--from', 't2');
    await translate('both', '--fuse', 'mean', '--spread');
    const [a, b, fused, spread] = await Promise.all([
      volumeOf('t1'),
      volumeOf('t2'),
      volumeOf('both'),
      volumeOf('both', 'spread'),
    ]);
    expect(fused.affineVoxelToWorld).toEqual(a.affineVoxelToWorld);
    let compared = 0;
    for (let i = 0; i < a.data.length; i++) {
      const [x, y] = [a.data[i]!, b.data[i]!];
      if (x === 0 || y === 0) {
        // Where one source alone has brain there is nothing to spread.
        expect(fused.data[i]).toBeCloseTo(x + y, 2);
        expect(spread.data[i]).toBe(0);
        continue;
      }
      compared++;
      expect(Math.abs(fused.data[i]! - (x + y) / 2)).toBeLessThan(0.01);
      expect(Math.abs(spread.data[i]! - Math.abs(x - y) / 2)).toBeLessThan(0.05);
    }
    expect(compared).toBeGreaterThan(500);
    expect(spread.data.some((value) => value > 1)).toBe(true);
    const sidecar = await sidecarOf('both');
    expect(sidecar.Sources).toEqual(['../../data/p1/p1_t1.nii.gz', '../../data/p1/p1_t2.nii.gz']);
    expect(sidecar.utad.source).toMatchObject({ modality: 't1 + t2', chosenBy: 'fused: plain mean' });
    expect(printed.join('\n')).toContain('flair ← t1 + t2');
    await expect(findCases(join(folder, 'both'), {})).rejects.toThrow('got none of them');
  });

  it('takes learnt weights, keeps what is finished, and makes it anew for other weights', async () => {
    await translate('t1', '--from', 't1');
    const options = ['--fuse', await writeFusion(firstAlone), '--spread'];
    await translate('both', ...options);
    const [alone, fused] = [await volumeOf('t1'), await volumeOf('both')];
    for (let i = 0; i < alone.data.length; i++) {
      if (alone.data[i] !== 0) expect(Math.abs(fused.data[i]! - alone.data[i]!)).toBeLessThan(0.01);
    }
    expect((await sidecarOf('both')).utad.source.chosenBy).toBe('fused: weights learnt from 3 patients');
    await translate('both', ...options);
    expect(printed.at(-1)).toContain('1 kept');
    await rm(join(folder, 'both', 'p1', 'p1_flair-spread.nii.gz'));
    await translate('both', ...options);
    expect(printed.at(-1)).toContain('1 translated');
    await writeFusion(firstAlone.map(() => [0, 1]));
    await translate('both', ...options);
    expect(printed.at(-1)).toContain('1 translated');
    expect((await readdir(join(folder, 'both', 'p1'))).sort()).toEqual([
      'p1_flair-spread.json',
      'p1_flair-spread.nii.gz',
      'p1_flair-synthetic.json',
      'p1_flair-synthetic.nii.gz',
    ]);
  });

  it('takes the weights that lie beside the model file, where none are named', async () => {
    await expect(translate('x', '--fuse')).rejects.toThrow(
      /--fuse: expected weights beside the model file, .*\.fusion\.json, got none\. Learn them with/,
    );
    await rename(await writeFusion(firstAlone), fusionBeside(model));
    await translate('both', '--fuse');
    expect((await sidecarOf('both')).utad.source.chosenBy).toBe('fused: weights learnt from 3 patients');
  });

  it('refuses weights of another model, and what does not go together', async () => {
    await expect(translate('x', '--fuse', await writeFusion(firstAlone, 'other'))).rejects.toThrow(
      'fusion.json: these weights were learnt for another model file.',
    );
    await expect(translate('x', '--spread')).rejects.toThrow('--spread: requires --fuse.');
    await expect(translate('x', '--fuse', 'mean', '--from', 't1')).rejects.toThrow(
      '--fuse: cannot be combined with --from.',
    );
    await expect(translate('x', '--fuse', 'mean', '--check')).rejects.toThrow(
      '--fuse: cannot be combined with --check, which needs a single source.',
    );
    await expect(translate('x', '--fuse', 'mean', '--format', 'dicom')).rejects.toThrow(
      '--fuse: cannot be combined with --format dicom, which needs a single source.',
    );
    const one = ['translate', join(folder, 'data', 'p1', 'p1_t1.nii.gz'), '--to', 'flair', '--model', model];
    const program = new Command();
    addTranslateCommand(program);
    await expect(
      program.parseAsync(['node', 'utad', ...one, '--out', join(folder, 'a.nii'), '--fuse', 'mean']),
    ).rejects.toThrow('--fuse: only applies to a data set.');
  });
});

describe('chooseSources', () => {
  const { modalities } = tinyMetadata().model;
  const files = (...names: string[]) => ({
    modalities: Object.fromEntries(names.map((name) => [name, { path: `${name}.nii` }])),
  });
  const table = (target: string, sources: string[]) => ({
    target,
    sources,
    patients: 2,
    weights: firstAlone,
  });
  const fusion: Fusion = {
    format: 1,
    modelSha256: '',
    modalities,
    patients: [],
    tables: [table('flair', ['t1', 't2']), table('t1', ['t1ce', 't2'])],
    codeVersion: '0',
  };

  it('takes all other modalities, in the model’s order', () => {
    const chosen = chooseSources('t1ce', files('flair', 't2', 't1ce', 't1', 'other'), modalities, 'mean');
    expect(chosen).toMatchObject({ source: 't1 + t2 + flair', from: { path: 't1.nii' } });
    expect(chosen!.fused.more).toEqual([{ path: 't2.nii' }, { path: 'flair.nii' }]);
  });

  it('takes the largest set that has weights, and leaves the rest to single sources', () => {
    expect(chooseSources('flair', files('t1', 't1ce', 't2'), modalities, fusion)?.source).toBe('t1 + t2');
    expect(chooseSources('flair', files('t1', 't1ce'), modalities, fusion)).toBeUndefined();
    expect(chooseSources('t2', files('t1', 't1ce', 'flair'), modalities, fusion)).toBeUndefined();
    expect(chooseSources('flair', files('t1'), modalities, 'mean')).toBeUndefined();
  });
});
