import { describe, expect, it } from 'vitest';
import { binOf, type Fusion, fuseTranslations, fusionBins, fusionTable, readFusion } from './fusion.js';

const ones = (length: number) => new Uint8Array(length).fill(1);
/** The first source alone in the darkest bin, both halves elsewhere. */
const weights = Array.from({ length: fusionBins }, (_, bin) => (bin === 0 ? [1.5, -0.5] : [0.25, 0.75]));

describe('fuseTranslations', () => {
  it('weighs by the bin of the mean, clamps, and tells the spread', () => {
    const first = Float32Array.of(0.1, 0.4, 1, 0);
    const second = Float32Array.of(0.02, 0.8, 1, 0.2);
    const { fused, spread } = fuseTranslations([first, second], [ones(4), ones(4)], weights);
    // Means 0.06, 0.6, 1, 0.1: the first and last lie in the darkest bin; 1.5 · 0 − 0.5 · 0.2 is below 0.
    [0.14, 0.7, 1, 0].forEach((value, i) => {
      expect(fused[i]).toBeCloseTo(value, 6);
    });
    [0.04, 0.2, 0, 0.1].forEach((value, i) => {
      expect(spread[i]).toBeCloseTo(value, 6);
    });
  });

  it('takes the mean of those sources that have brain, and nothing where none has', () => {
    const images = [
      Float32Array.of(0.2, 0.2, 0.2),
      Float32Array.of(0.8, 0.8, 0.8),
      Float32Array.of(0.5, 0.5, 0.5),
    ];
    const covered = [Uint8Array.of(1, 1, 0), Uint8Array.of(1, 0, 0), Uint8Array.of(0, 0, 0)];
    const three = weights.map(() => [0.2, 0.3, 0.5]);
    const { fused, spread } = fuseTranslations(images, covered, three);
    expect([...fused].map((value) => Number(value.toFixed(6)))).toEqual([0.5, 0.2, 0]);
    expect(spread[0]).toBeCloseTo(0.3, 6);
    expect([spread[1], spread[2]]).toEqual([0, 0]);
  });

  it('is the plain mean without weights', () => {
    const { fused } = fuseTranslations([Float32Array.of(0), Float32Array.of(1)], [ones(1), ones(1)], null);
    expect(fused[0]).toBe(0.5);
  });

  it('refuses one translation, and sizes and weights that differ', () => {
    const one = new Float32Array(2);
    expect(() => fuseTranslations([one], [ones(2)], null)).toThrow('expected two translations or more');
    expect(() => fuseTranslations([one, one], [ones(2), ones(3)], null)).toThrow('of one size');
    expect(() => fuseTranslations([one, one, one], [ones(2), ones(2), ones(2)], weights)).toThrow(
      'got 3 translations, 3 brains, 2 weights',
    );
  });

  it('has bins that hold their lower ends, and 1', () => {
    expect([0, 0.124, 0.125, 0.999, 1].map(binOf)).toEqual([0, 0, 1, 7, 7]);
  });
});

describe('readFusion', () => {
  const fusion: Fusion = {
    format: 1,
    modelSha256: 'abc',
    modalities: ['t1', 't2', 'flair'],
    patients: ['P'],
    tables: [{ target: 'flair', sources: ['t1', 't2'], patients: 1, weights }],
    codeVersion: '0.1.0',
  };

  it('reads what was written, and finds a table by target and sources', () => {
    const read = readFusion(JSON.stringify(fusion), 'fusion.json', 'abc');
    expect(read).toEqual(fusion);
    expect(fusionTable(read, 'flair', ['t1', 't2'])?.weights).toEqual(weights);
    expect(fusionTable(read, 'flair', ['t1', 't1ce'])).toBeUndefined();
    expect(fusionTable(read, 't1', ['t1', 't2'])).toBeUndefined();
  });

  it('refuses weights of another model, other files and other forms', () => {
    expect(() => readFusion(JSON.stringify(fusion), 'f.json', 'abd')).toThrow(
      'f.json: these weights were learnt for another model file. Learn them with utad evaluate --fuse and this model.',
    );
    expect(() => readFusion('<', 'f.json', 'abc')).toThrow('f.json: expected JSON');
    expect(() => readFusion(JSON.stringify({ ...fusion, tables: [{}] }), 'f.json', 'abc')).toThrow(
      'f.json: tables.0.target: expected weights that utad evaluate --fuse wrote',
    );
  });
});
