/** What one tissue does to the magnetisation: times in milliseconds, water content relative to pure water. */
export interface Relaxation {
  /** Longitudinal relaxation time T1, milliseconds. */
  readonly t1: number;
  /** Transverse relaxation time T2, milliseconds. */
  readonly t2: number;
  /** Proton density, 0 … 1 (1 = water). */
  readonly protonDensity: number;
  /** Concentration of contrast agent some minutes after injection, millimoles per litre of tissue. */
  readonly contrastMillimolar: number;
}

/** Static field of the scanner in tesla. */
export type FieldStrength = 1.5 | 3;

/** Every tissue that the phantom is made of; the order is the order of fraction arrays. */
export const tissueNames = [
  'fluid',
  'greyMatter',
  'whiteMatter',
  'striatum',
  'thalamus',
  'pallidum',
  'choroidPlexus',
  'vein',
  'artery',
  'dura',
  'bone',
  'oedema',
  'necrosis',
  'enhancingTumour',
  'solidTumour',
] as const;

/** Name of a tissue. */
export type Tissue = (typeof tissueNames)[number];

type Row = readonly [t1: number, t2: number, protonDensity: number, contrastMillimolar: number];

/**
 * Relaxation at both fields, as [T1 ms, T2 ms, proton density, contrast agent mmol/l].
 *
 * @source
 * - grey and white matter: Stanisz et al., Magn Reson Med 54:507 (2005), drawn a little towards
 *   Wansapura et al., J Magn Reson Imaging 9:531 (1999) (3 T) and Rooney et al., Magn Reson Med 57:308 (2007) (1.5 T);
 * - water content: Whittall et al., Magn Reson Med 37:34 (1997);
 * - fluid: Rooney 2007 (T1), Spijkerman et al., MAGMA 31:415 (2018) (T2);
 * - deep nuclei: Rooney 2007 (T1), Whittall 1997 (T2; the pallidum's is short because of iron);
 * - blood: Stanisz 2005; moving blood gives no spin echo, so its echo is lowered by {@link flowVoid};
 * - tumours and oedema: rounded to the middle of the wide ranges of Badve et al., AJNR 38:492 (2017) and
 *   de Blank et al., Pediatr Neurosurg 54:310 (2019) (fingerprinting, 3 T), and Oh et al., J Magn Reson Imaging 21:701 (2005)
 *   (T2 at 1.5 T); necrosis lies between solid tumour and fluid;
 * - bone: water content and short times after Techawiboonwong et al., Radiology 248:824 (2008); it gives no signal here;
 * - choroid plexus, dura: no survey known to us; set to look right, which docs/phantom.md says too.
 */
const table: { readonly [F in '1.5' | '3']: { readonly [T in Tissue]: Row } } = {
  '1.5': {
    fluid: [4070, 1900, 1, 0.02],
    greyMatter: [1120, 90, 0.82, 0.035],
    whiteMatter: [690, 75, 0.71, 0.02],
    striatum: [1030, 84, 0.82, 0.035],
    thalamus: [930, 79, 0.78, 0.035],
    pallidum: [760, 66, 0.74, 0.03],
    choroidPlexus: [1500, 170, 0.9, 0.7],
    vein: [1441, 200, 0.85, 1.3],
    artery: [1441, 290, 0.85, 1.3],
    dura: [1000, 55, 0.6, 0.5],
    bone: [250, 5, 0.2, 0],
    oedema: [1180, 150, 0.84, 0.025],
    necrosis: [1900, 260, 0.92, 0.08],
    enhancingTumour: [1350, 125, 0.85, 0.62],
    solidTumour: [1450, 170, 0.87, 0.04],
  },
  '3': {
    fluid: [4300, 1800, 1, 0.02],
    greyMatter: [1400, 88, 0.82, 0.035],
    whiteMatter: [880, 74, 0.71, 0.02],
    striatum: [1300, 77, 0.82, 0.035],
    thalamus: [1180, 73, 0.78, 0.035],
    pallidum: [1000, 54, 0.74, 0.03],
    choroidPlexus: [1800, 150, 0.9, 0.7],
    vein: [1932, 120, 0.85, 1.3],
    artery: [1932, 275, 0.85, 1.3],
    dura: [1200, 45, 0.6, 0.5],
    bone: [300, 5, 0.2, 0],
    oedema: [1520, 140, 0.84, 0.025],
    necrosis: [2250, 230, 0.92, 0.08],
    enhancingTumour: [1700, 112, 0.85, 0.62],
    solidTumour: [1830, 155, 0.87, 0.04],
  },
};

/** Relaxation of one tissue at one field strength. */
export function relaxationOf(tissue: Tissue, field: FieldStrength): Relaxation {
  const [t1, t2, protonDensity, contrastMillimolar] = table[field === 3 ? '3' : '1.5'][tissue];
  return { t1, t2, protonDensity, contrastMillimolar };
}

/** Share of the spin-echo signal that moving blood keeps: spins that leave the slice miss the second pulse. */
export const flowVoid: Partial<Record<Tissue, number>> = { artery: 0.12, vein: 0.35 };
