import { describe, expect, it } from 'vitest';
import { foldsOf } from './folds.js';

const cases = ['BraTS-GLI-00001-000', 'BraTS-GLI-00001-001', 'b', 'c', 'd', 'e'];

describe('foldsOf', () => {
  it('holds every case out once, a person’s together, and learns from all others', () => {
    const folds = foldsOf(cases, ['bare', 'BraTS-GLI-00001-002'], { folds: 3, seed: 1 });
    expect(folds.flatMap(({ validation }) => validation).sort()).toEqual([...cases].sort());
    for (const { train, validation } of folds) {
      expect(new Set([...train, ...validation]).size).toBe(train.length + validation.length);
      expect(train).toContain('bare');
      const held = validation.includes('BraTS-GLI-00001-000');
      expect(validation.includes('BraTS-GLI-00001-001')).toBe(held);
      expect(train.includes('BraTS-GLI-00001-002')).toBe(!held);
    }
    // Five persons in three folds.
    expect(
      folds.map(({ validation }) => new Set(validation.map((id) => id.slice(0, 15))).size).sort(),
    ).toEqual([1, 2, 2]);
  });

  it('is the same for a seed, and another for another', () => {
    const of = (seed: number) => JSON.stringify(foldsOf(cases, [], { folds: 2, seed }));
    expect(of(1)).toBe(of(1));
    expect(new Set([1, 2, 3, 4, 5].map(of)).size).toBeGreaterThan(1);
  });

  it('refuses more folds than patients', () => {
    expect(() => foldsOf(cases, [], { folds: 6, seed: 1 })).toThrow(
      'folds: expected a number from 2 to that of the patients with a mask, 5, got 6.',
    );
  });
});
