import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CaseFiles } from '../datasets/case.js';
import { regressionPatients } from './regression-patients.js';

const folder = await mkdtemp(join(tmpdir(), 'regression-patients-'));
afterAll(() => rm(folder, { recursive: true }));

const one = (id: string, ...modalities: string[]): CaseFiles => ({
  id,
  modalities: Object.fromEntries(modalities.map((name) => [name, { path: `${id}_${name}.nii.gz` }])),
});
const cases = [
  one('a', 't1', 't2'),
  one('b', 't1', 't2'),
  one('c', 't1'),
  one('BraTS2021_00007', 't1', 't2'),
  one('BraTS-GLI-00007-001', 't1', 't2'),
];
const choose = (changes: object = {}) =>
  regressionPatients({
    folder,
    cases,
    evaluated: [cases[1]!],
    trainingCases: [],
    options: {},
    ...changes,
  });
const ids = async (changes: object): Promise<string[]> => (await choose(changes)).cases.map(({ id }) => id);

describe('patients of the local regression', () => {
  it('are those of the split that is given, else of the model file, else of the data set', async () => {
    const split = join(folder, 'given.json');
    await writeFile(split, JSON.stringify({ train: ['c', 'a'], validation: ['b'] }));
    expect(await ids({ split, trainingCases: ['BraTS2021_00007'] })).toEqual(['a', 'c']);
    expect(await ids({ fit: split })).toEqual(['a', 'c']);
    expect(await ids({ trainingCases: ['BraTS2021_00007', 'elsewhere'] })).toEqual(['BraTS2021_00007']);
    expect((await choose()).missing).toContain('no training patients are known');
    await writeFile(join(folder, 'split.json'), JSON.stringify({ train: ['a'], validation: [] }));
    expect(await choose()).toEqual({ cases: [cases[0]], missing: null });
  });

  it('are never evaluated, nor another examination of who is', async () => {
    const evaluated = [cases[4]!];
    const training = { trainingCases: ['b', 'BraTS2021_00007'], evaluated };
    expect(await ids(training)).toEqual(['b']);
    expect(await choose({ ...training, trainingCases: ['BraTS2021_00007'] })).toEqual({
      cases: [],
      missing: 'every training patient is evaluated',
    });
  });

  it('are nobody where nobody is wanted, or has a pair', async () => {
    expect(await choose({ fit: 'none' })).toEqual({ cases: [], missing: 'left out by --fit none' });
    expect((await choose({ trainingCases: ['c'] })).missing).toBe('no training patient has two modalities');
  });
});
