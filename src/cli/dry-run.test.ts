import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeBallPatient } from '../../test/fixtures/ball-patients.js';
import { tinyModelFile } from '../../test/fixtures/tiny-model.js';
import { utadProgram } from './program.js';

const names = ['t1', 't1ce', 't2', 'flair'];
let folder: string;
let data: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-dry-'));
  data = join(folder, 'data');
  for (const [index, id] of ['p1', 'p2', 'p3', 'p4', 'p5'].entries())
    await writeBallPatient(data, id, {
      modalities: index === 4 ? ['t1', 't2'] : names,
      centre: [8 + 1.7 * index, 14 - index, 5.5],
      radius: 3.5,
    });
  model = await tinyModelFile(folder);
});
afterAll(() => rm(folder, { recursive: true }));

let printed: string[];
beforeEach(() => {
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => void vi.restoreAllMocks());

async function utad(...words: string[]): Promise<void> {
  await (await utadProgram(words)).parseAsync(words, { from: 'user' });
}

describe('--dry-run', () => {
  const small = ['--set', 'model.sliceSide=32', '--set', 'model.baseChannels=2', '--set', 'model.levels=2'];

  it.each([
    [
      'translate',
      () => ['translate', data, '--to', 'missing', '--model', model],
      /p5.*t1ce-synthetic\.nii\.gz/,
    ],
    ['corrupt-masks', () => ['corrupt-masks', data, '--missing', '0.4'], /p\d: mask left out/],
    [
      'sweep',
      () => ['sweep', data, ...small, '--vary', 'seed=1,2', '--set', 'data.paired=true'],
      /^2 runs below/m,
    ],
    [
      'compare',
      () => ['compare', data, ...small, '--methods', 'student,single', '--set', 'data.paired=true'],
      /^student, seed 1: [\s\S]*nothing was written/m,
    ],
    [
      'downstream',
      () => ['downstream', data, '--model', model, '--missing', 't2'],
      /^without t2, filled in from/m,
    ],
  ] as const)('of %s says what would be done, and writes nothing', async (_, words, said) => {
    const before = await readdir(folder);
    await utad(...words(), '--out', join(folder, 'out'), '--dry-run');
    expect(printed.join('\n')).toMatch(said);
    expect(printed.at(-1)).toMatch(/nothing was written$/);
    expect(await readdir(folder)).toEqual(before);
  });
});

describe('a call', () => {
  it.each([
    [['--series', '4'], '--series: only applies to DICOM files.'],
    [['--mask', 'x.nii'], '--mask: only applies to a single patient.'],
    [['--volume-index', '1'], '--volume-index: only applies to a 4-D NIfTI file'],
  ])('refuses what does nothing for a data set: %j', async (options, message) => {
    const all = ['translate', data, '--to', 'missing', '--model', model, '--out', join(folder, 'o')];
    await expect(utad(...all, ...options)).rejects.toThrow(message);
  });

  it('refuses what does nothing beside other options', async () => {
    const evaluate = ['evaluate', data, '--model', model, '--out', join(folder, 'o'), '--patients', 'all'];
    await expect(utad(...evaluate, '--split', await splitFile())).rejects.toThrow(
      '--split: does nothing with --patients all.',
    );
    const train = [
      'train',
      data,
      '--out',
      join(folder, 'o'),
      '--preset',
      'tiny',
      '--set',
      'data.paired=true',
    ];
    await expect(utad(...train, '--teacher', 'run')).rejects.toThrow('--teacher: --stage both trains');
  });

  it('writes several volumes into a folder, and one into the file or folder that is named', async () => {
    const scan = join(data, 'p5', 'p5_t1.nii.gz');
    const translate = (to: string, out: string): Promise<void> =>
      utad('translate', scan, '--to', to, '--model', model, '--out', join(folder, out));
    await expect(translate('all', 'x.nii.gz')).rejects.toThrow(
      '--out: expected a folder, for several volumes',
    );
    await translate('t2', 'single');
    expect(await readdir(join(folder, 'single'))).toContain('p5_t2-synthetic.nii.gz');
    await expect(translate('t2', 'x.nrrd')).rejects.toThrow('--out: expected a name that ends in .nii');
  });

  it('writes no weights into the installed package', async () => {
    await expect(
      utad(
        'evaluate',
        data,
        '--model',
        'utad-brats-8',
        '--out',
        join(folder, 'o'),
        '--fuse',
        '--write-fusion',
      ),
    ).rejects.toThrow('--write-fusion: ');
  });
});

async function splitFile(): Promise<string> {
  const path = join(folder, 'split', 'mine.json');
  await mkdir(join(folder, 'split'), { recursive: true });
  await writeFile(path, JSON.stringify({ train: ['p1'], validation: ['p2'] }));
  return path;
}
