import { describe, expect, it } from 'vitest';
import { chooseCases } from './choose-cases.node.js';

const cases = ['a', 'b', 'c', 'd'].map((id) => ({ id }));
const trained = { trainingCases: ['a', 'b'], validationCases: ['c', 'elsewhere'] };
const split = { validation: ['b', 'd'], from: 'split.json' };
const idsOf = (some: readonly { id: string }[]) => some.map(({ id }) => id).join('');

describe('chooseCases', () => {
  it('takes the validation patients of the model file before those of the data set', () => {
    const chosen = chooseCases(cases, { trained, split });
    expect(idsOf(chosen.cases)).toBe('c');
    expect(chosen.reason).toBe('the validation patients that the model file names');
    expect(chosen.trainedOn).toEqual([]);
  });

  it('takes those of a given split before all, and says which were trained on', () => {
    const chosen = chooseCases(cases, { trained, split, splitIsGiven: true });
    expect(idsOf(chosen.cases)).toBe('bd');
    expect(idsOf(chosen.trainedOn)).toBe('b');
  });

  it('falls back to the split of the data set, then to everybody', () => {
    expect(idsOf(chooseCases(cases, { trained: null, split }).cases)).toBe('bd');
    const chosen = chooseCases(cases, { trained: null });
    expect(idsOf(chosen.cases)).toBe('abcd');
    expect(chosen.reason).toBe('all patients of the data set: no validation patients are known');
    expect(idsOf(chooseCases(cases, { wanted: 'all', trained, split }).trainedOn)).toBe('ab');
  });

  it('knows a patient by both names of BraTS', () => {
    const chosen = chooseCases([{ id: 'BraTS-GLI-00006-000' }], {
      trained: { trainingCases: ['BraTS2021_00006'], validationCases: [] },
    });
    expect(chosen.trainedOn).toHaveLength(1);
  });

  it('refuses unknown ids of a given split, and validation patients that nobody names', () => {
    const given = { validation: ['a', 'x'], from: 'mine.json' };
    expect(() => chooseCases(cases, { split: given, splitIsGiven: true })).toThrow(
      'mine.json: expected validation ids of cases in the data set, got unknown x.',
    );
    expect(() => chooseCases(cases, { wanted: 'validation' })).toThrow(
      '--patients validation: neither the model file nor a split names validation patients',
    );
  });
});
