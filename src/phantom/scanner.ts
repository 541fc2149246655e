import type { Random } from '../base/random.js';
import { nullingInversionTime, type Sequence, signalOf, withContrast } from './signal.js';
import { type FieldStrength, flowVoid, relaxationOf, type Tissue, tissueNames } from './tissues.js';

/** Names of the images that the phantom's scanner takes, as BraTS names them. */
export const phantomModalities = ['t1', 't1ce', 't2', 'flair'] as const;

/** One of the phantom's images. */
export type PhantomModality = (typeof phantomModalities)[number];

/** How one image was taken. */
interface Protocol {
  readonly sequence: Sequence;
  /** Thickness of the axial slices, millimetres; 1 for a three-dimensional scan. */
  readonly sliceMm: number;
  /** Standard deviation of the blur within a slice, millimetres: finite matrix and resampling to an atlas. */
  readonly blurMm: number;
  /** Signal of white matter over the standard deviation of the noise, per slice. */
  readonly signalToNoise: number;
  /** Strength of the coil's unevenness: standard deviation of its logarithm. */
  readonly biasStrength: number;
  /** White matter's value in the file. */
  readonly whiteMatterValue: number;
}

/** One visit to a scanner. */
export interface Scanner {
  readonly field: FieldStrength;
  /** Multiple of the standard concentration of contrast agent. */
  readonly contrastDose: number;
  readonly protocols: Readonly<Record<PhantomModality, Protocol>>;
  /** Factors near 1 on T1, T2 and proton density of each tissue: people differ. */
  readonly personal: Readonly<
    Record<Tissue, { readonly t1: number; readonly t2: number; readonly protonDensity: number }>
  >;
}

/** Draws a scanner with its protocols and the patient's own tissue parameters. */
export function drawScanner(random: Random): Scanner {
  const { uniform, integer } = random;
  const between = (low: number, high: number): number => low + (high - low) * uniform();
  const field: FieldStrength = uniform() < 0.5 ? 1.5 : 3;
  const fluidT1 = relaxationOf('fluid', field).t1;

  const gradientEcho = (): Sequence => ({
    kind: 'spoiled-gradient-echo',
    repetition: between(7, 11),
    echo: between(2.5, 4.5),
    flipDegrees: between(12, 18),
  });
  const spinEchoT1 = (): Sequence => ({
    kind: 'spin-echo',
    repetition: between(480, 700),
    echo: between(8, 14),
  });
  const prepared = (): Sequence => ({
    kind: 'inversion-recovery',
    repetition: between(1900, 2300),
    echo: between(3, 9),
    // Long enough that fluid has not yet passed zero into the bright side of the magnitude.
    inversion: field === 3 ? between(1050, 1200) : between(930, 1050),
  });
  const t1Choices = [spinEchoT1, gradientEcho, prepared, spinEchoT1, spinEchoT1];
  const native = t1Choices[integer(5)]!();
  const after = uniform() < 0.6 ? t1Choices[1 + integer(2)]!() : spinEchoT1();
  const repetition = between(8000, 10500);
  const sequences: Record<PhantomModality, Sequence> = {
    t1: native,
    t1ce: after,
    t2: { kind: 'spin-echo', repetition: between(3200, 5500), echo: between(84, 108) },
    flair: {
      kind: 'inversion-recovery',
      repetition,
      echo: between(95, 135),
      inversion: nullingInversionTime(fluidT1, repetition) * between(0.93, 0.985),
    },
  };
  const protocolOf = (modality: PhantomModality): Protocol => {
    const sequence = sequences[modality];
    const volumetric =
      modality === 't1' || modality === 't1ce' ? sequence.kind !== 'spin-echo' : uniform() < 0.3;
    return {
      sequence,
      sliceMm: volumetric ? 1 : [2, 3, 4, 5][integer(4)]!,
      blurMm: between(0.6, 0.95),
      signalToNoise: between(35, 90),
      biasStrength: between(0.02, 0.08),
      whiteMatterValue: Math.exp(between(Math.log(250), Math.log(1300))),
    };
  };
  const protocols = Object.fromEntries(phantomModalities.map((name) => [name, protocolOf(name)])) as Record<
    PhantomModality,
    Protocol
  >;
  // What differs between people differs mostly for all tissues alike; fluid is the same in all.
  const common = { t1: between(0.95, 1.05), t2: between(0.95, 1.05) };
  const personal = Object.fromEntries(
    tissueNames.map((name) => {
      if (name === 'fluid') return [name, { t1: 1, t2: 1, protonDensity: 1 }];
      const diseased = name === 'oedema' || name === 'necrosis' || name.endsWith('Tumour');
      const spread = diseased ? 0.12 : 0.012;
      // Dead tissue is anything between mush and fluid.
      const liquid = name === 'necrosis' ? uniform() : 0;
      const factors = {
        t1: common.t1 * between(1 - spread, 1 + spread) * (1 + 0.7 * liquid),
        t2: common.t2 * between(1 - spread, 1 + spread) * (1 + 2 * liquid),
        protonDensity: between(0.99, 1.01),
      };
      return [name, factors];
    }),
  ) as Scanner['personal'];
  return { field, contrastDose: between(0.75, 1.2), protocols, personal };
}

/** Signal of every tissue in one image, in the order of {@link tissueNames}, before scaling. */
export function tissueSignals(scanner: Scanner, modality: PhantomModality): Float64Array {
  const { sequence } = scanner.protocols[modality];
  return Float64Array.from(tissueNames, (name) => {
    const average = relaxationOf(name, scanner.field);
    const factor = scanner.personal[name];
    const own = {
      ...average,
      t1: average.t1 * factor.t1,
      t2: average.t2 * factor.t2,
      protonDensity: average.protonDensity * factor.protonDensity,
    };
    const tissue = modality === 't1ce' ? withContrast(own, scanner.field, scanner.contrastDose) : own;
    // A short echo loses less of the moving blood than a long one.
    const kept = flowVoid[name] ?? 1;
    const moving = sequence.kind === 'spoiled-gradient-echo' || sequence.echo < 15 ? Math.sqrt(kept) : kept;
    return signalOf(sequence, tissue) * (modality === 't1ce' && name === 'vein' ? 1 : moving);
  });
}
