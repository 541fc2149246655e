import type { FieldStrength, Relaxation } from './tissues.js';

/** A pulse sequence with its timing in milliseconds and its flip angle in degrees. */
export type Sequence =
  | { readonly kind: 'spin-echo'; readonly repetition: number; readonly echo: number }
  | {
      readonly kind: 'inversion-recovery';
      readonly repetition: number;
      readonly echo: number;
      readonly inversion: number;
    }
  | {
      readonly kind: 'spoiled-gradient-echo';
      readonly repetition: number;
      readonly echo: number;
      readonly flipDegrees: number;
    };

/**
 * Steady-state signal magnitude of a tissue, relative to fully relaxed water.
 *
 * Spin echo: ρ (1 − e^(−TR/T1)) e^(−TE/T2).
 * Inversion recovery with spin echo: |ρ (1 − 2 e^(−TI/T1) + e^(−TR/T1)) e^(−TE/T2)|.
 * Spoiled gradient echo: ρ sin α (1 − E1) / (1 − cos α E1) e^(−TE/T2), E1 = e^(−TR/T1), with T2 standing for T2*
 * (TE is short).
 *
 * @source Haacke et al., "Magnetic Resonance Imaging: Physical Principles and Sequence Design" (1999);
 * Ernst and Anderson, Rev Sci Instrum 37:93 (1966); Hajnal et al., J Comput Assist Tomogr 16:841 (1992) (FLAIR).
 */
export function signalOf(sequence: Sequence, tissue: Relaxation): number {
  const { t1, t2, protonDensity } = tissue;
  const recovery = Math.exp(-sequence.repetition / t1);
  const decay = Math.exp(-sequence.echo / t2);
  switch (sequence.kind) {
    case 'spin-echo':
      return protonDensity * (1 - recovery) * decay;
    case 'inversion-recovery':
      return Math.abs(protonDensity * (1 - 2 * Math.exp(-sequence.inversion / t1) + recovery) * decay);
    case 'spoiled-gradient-echo': {
      const flip = (sequence.flipDegrees * Math.PI) / 180;
      return ((protonDensity * Math.sin(flip) * (1 - recovery)) / (1 - Math.cos(flip) * recovery)) * decay;
    }
  }
}

/**
 * Relaxivities of gadopentetate in plasma at 37 °C, litres per millimole and second.
 *
 * @source Rohrer et al., Invest Radiol 40:715 (2005).
 */
export const relaxivity: Readonly<Record<'1.5' | '3', { readonly r1: number; readonly r2: number }>> = {
  '1.5': { r1: 4.1, r2: 4.6 },
  '3': { r1: 3.7, r2: 5.2 },
};

/**
 * The tissue after contrast agent: both rates rise with the concentration c,
 * 1/T1' = 1/T1 + r1 c and 1/T2' = 1/T2 + r2 c.
 *
 * @param dose multiple of the concentrations in the tissue table (1 = the standard dose)
 */
export function withContrast(tissue: Relaxation, field: FieldStrength, dose: number): Relaxation {
  const { r1, r2 } = relaxivity[field === 3 ? '3' : '1.5'];
  const concentration = tissue.contrastMillimolar * dose;
  return {
    ...tissue,
    // Relaxivities count seconds, relaxation times milliseconds.
    t1: 1 / (1 / tissue.t1 + (r1 * concentration) / 1000),
    t2: 1 / (1 / tissue.t2 + (r2 * concentration) / 1000),
  };
}

/** Inversion time that nulls a tissue of this T1 (milliseconds) at this repetition time: T1 ln(2 / (1 + e^(−TR/T1))). */
export function nullingInversionTime(t1: number, repetition: number): number {
  return t1 * Math.log(2 / (1 + Math.exp(-repetition / t1)));
}
