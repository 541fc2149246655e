import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { tissueIndex as t } from './mixture.js';
import { drawScanner, type PhantomModality, tissueSignals } from './scanner.js';
import { relaxationOf, tissueNames } from './tissues.js';

const scanners = Array.from({ length: 200 }, (_, index) => drawScanner(createRandom('test', index)));
const everywhere = (modality: PhantomModality, holds: (signal: Float64Array) => boolean): boolean =>
  scanners.every((scanner) => holds(tissueSignals(scanner, modality)));

describe('drawScanner and tissueSignals', () => {
  it('keeps white over grey over fluid in T1', () => {
    expect(
      everywhere('t1', (s) => s[t.whiteMatter]! > s[t.greyMatter]! && s[t.greyMatter]! > s[t.fluid]!),
    ).toBe(true);
  });

  it('keeps fluid over grey over white in T2', () => {
    expect(
      everywhere('t2', (s) => s[t.fluid]! > s[t.greyMatter]! && s[t.greyMatter]! > s[t.whiteMatter]!),
    ).toBe(true);
  });

  it('keeps grey no darker than white, fluid dark and oedema bright in FLAIR', () => {
    expect(everywhere('flair', (s) => s[t.greyMatter]! > 0.95 * s[t.whiteMatter]!)).toBe(true);
    expect(everywhere('flair', (s) => s[t.fluid]! < 0.5 * s[t.whiteMatter]!)).toBe(true);
    expect(everywhere('flair', (s) => s[t.oedema]! > 1.2 * s[t.whiteMatter]!)).toBe(true);
    const brighterGrey = scanners.filter((scanner) => {
      const s = tissueSignals(scanner, 'flair');
      return s[t.greyMatter]! > s[t.whiteMatter]!;
    });
    expect(brighterGrey.length).toBeGreaterThan(0.95 * scanners.length);
  });

  it('shows oedema bright in T2 and dark in T1', () => {
    expect(everywhere('t2', (s) => s[t.oedema]! > 1.3 * s[t.whiteMatter]!)).toBe(true);
    expect(everywhere('t1', (s) => s[t.oedema]! < 0.98 * s[t.whiteMatter]!)).toBe(true);
  });

  it('lights the enhancing rim and the veins after contrast agent only', () => {
    expect(everywhere('t1', (s) => s[t.enhancingTumour]! < s[t.whiteMatter]!)).toBe(true);
    expect(everywhere('t1ce', (s) => s[t.enhancingTumour]! > 1.15 * s[t.whiteMatter]!)).toBe(true);
    expect(everywhere('t1ce', (s) => s[t.vein]! > 1.3 * s[t.whiteMatter]!)).toBe(true);
  });

  it('draws both fields, several sequences and several slice thicknesses', () => {
    expect(new Set(scanners.map(({ field }) => field))).toEqual(new Set([1.5, 3]));
    expect(new Set(scanners.map(({ protocols }) => protocols.t1.sequence.kind)).size).toBe(3);
    expect(new Set(scanners.map(({ protocols }) => protocols.t2.sliceMm))).toEqual(new Set([1, 2, 3, 4, 5]));
  });
});

describe('relaxationOf', () => {
  it('lengthens T1 with the field, and keeps T2 below T1, in every tissue', () => {
    for (const name of tissueNames) {
      const [low, high] = [relaxationOf(name, 1.5), relaxationOf(name, 3)];
      expect(high.t1).toBeGreaterThan(low.t1);
      expect(low.t2).toBeLessThan(low.t1);
      expect(low.protonDensity).toBeLessThanOrEqual(1);
    }
  });
});
