import { describe, expect, it } from 'vitest';
import { nullingInversionTime, signalOf, withContrast } from './signal.js';
import type { Relaxation } from './tissues.js';

const tissue: Relaxation = { t1: 1000, t2: 100, protonDensity: 0.8, contrastMillimolar: 0.5 };

describe('signal equations', () => {
  it('gives a spin echo its recovery and its decay', () => {
    // 0.8 · (1 − e^−0.5) · e^−0.1 = 0.8 · 0.393469 · 0.904837
    const value = signalOf({ kind: 'spin-echo', repetition: 500, echo: 10 }, tissue);
    expect(value).toBeCloseTo(0.284821, 5);
  });

  it('gives an inversion recovery its magnitude', () => {
    // 0.8 · |1 − 2 e^−0.5 + e^−2| · e^−0.1 = 0.8 · 0.077726 · 0.904837
    const sequence = { kind: 'inversion-recovery', repetition: 2000, echo: 10, inversion: 500 } as const;
    expect(signalOf(sequence, tissue)).toBeCloseTo(0.056264, 5);
  });

  it('gives a spoiled gradient echo its steady state', () => {
    // E1 = e^−0.01; 0.8 · sin 20° (1 − E1) / (1 − cos 20° E1) · e^−0.04
    // = 0.8 · 0.342020 · 0.009950 / 0.069658 · 0.960789
    const sequence = { kind: 'spoiled-gradient-echo', repetition: 10, echo: 4, flipDegrees: 20 } as const;
    expect(signalOf(sequence, tissue)).toBeCloseTo(0.037555, 4);
  });

  it('nulls the tissue at its nulling inversion time', () => {
    // 4300 · ln(2 / (1 + e^(−9000/4300))) = 4300 · ln(2 / 1.123307)
    const inversion = nullingInversionTime(4300, 9000);
    expect(inversion).toBeCloseTo(2480.6, 0);
    const fluid = { t1: 4300, t2: 2000, protonDensity: 1, contrastMillimolar: 0 };
    const sequence = { kind: 'inversion-recovery', repetition: 9000, echo: 100, inversion } as const;
    expect(signalOf(sequence, fluid)).toBeLessThan(1e-12);
  });

  it('shortens both times by relaxivity and concentration', () => {
    // 3 T: 1/T1 = 1 + 3.7 · 0.5 = 2.85 per second; 1/T2 = 10 + 5.2 · 0.5 = 12.6 per second.
    const after = withContrast(tissue, 3, 1);
    expect(after.t1).toBeCloseTo(1000 / 2.85, 6);
    expect(after.t2).toBeCloseTo(1000 / 12.6, 6);
    expect(after.protonDensity).toBe(0.8);
  });
});
