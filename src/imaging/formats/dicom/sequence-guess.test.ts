import { describe, expect, it } from 'vitest';
import type { SequenceFacts } from './instance.js';
import { guessSequence } from './sequence-guess.js';

const nothing: SequenceFacts = { imageType: [], scanningSequence: [], sequenceVariant: [] };

/** Usual parameters of a head protocol, in milliseconds. */
const parameters = {
  t1SpinEcho: { scanningSequence: ['SE'], repetitionTime: 550, echoTime: 9 },
  t1TurboSpinEcho3d: { scanningSequence: ['SE'], repetitionTime: 700, echoTime: 11 },
  t1Flair: { scanningSequence: ['SE', 'IR'], repetitionTime: 2500, echoTime: 24, inversionTime: 860 },
  mprage: { scanningSequence: ['GR', 'IR'], repetitionTime: 1900, echoTime: 2.5, inversionTime: 900 },
  spgr: { scanningSequence: ['GR'], repetitionTime: 8.2, echoTime: 3.2 },
  irSpgr: { scanningSequence: ['GR'], repetitionTime: 8.2, echoTime: 3.2, inversionTime: 450 },
  t2: { scanningSequence: ['SE'], repetitionTime: 4800, echoTime: 98 },
  space: { scanningSequence: ['SE'], repetitionTime: 3200, echoTime: 410 },
  flair: { scanningSequence: ['SE', 'IR'], repetitionTime: 9000, echoTime: 120, inversionTime: 2500 },
  spaceFlair: { scanningSequence: ['SE', 'IR'], repetitionTime: 5000, echoTime: 390, inversionTime: 1800 },
  t2Star: { scanningSequence: ['GR'], repetitionTime: 620, echoTime: 20 },
  dual: { scanningSequence: ['SE'], repetitionTime: 3000, echoTime: 14 },
  echoPlanar: { scanningSequence: ['EP'], repetitionTime: 6000, echoTime: 90 },
} as const satisfies Readonly<Record<string, Partial<SequenceFacts>>>;

type Expected = `${string} ${'high' | 'medium' | 'low'}`;
type Row = [
  description: string,
  set: keyof typeof parameters | undefined,
  expected: Expected,
  agent?: string,
];

/** Descriptions as scanners and hospitals write them. */
const rows: readonly Row[] = [
  // Siemens
  ['t1_mprage_sag_p2_iso', 'mprage', 't1 low'],
  ['t1_mprage_sag_p2_iso_KM', 'mprage', 't1ce high'],
  ['t1_mprage_sag_p2_iso', 'mprage', 't1ce medium', 'Gadovist'],
  ['t1_mpr_ns_sag_p2_iso_post_gd', 'mprage', 't1ce high', 'DOTAREM'],
  ['T1_MPR_ns_nativ', 'mprage', 't1 high'],
  ['t1_se_tra', 't1SpinEcho', 't1 low'],
  ['t1_se_tra_ohne_KM', 't1SpinEcho', 't1 high'],
  ['t1_se_tra nach KM', 't1SpinEcho', 't1ce high'],
  ['t1_fl3d_vibe_tra_post', 'spgr', 't1ce high'],
  ['t1_space_sag_p2_iso', 't1TurboSpinEcho3d', 't1 low'],
  ['t2_tse_tra_512', 't2', 't2 high'],
  ['t2_blade_tra_320', 't2', 't2 high'],
  ['t2_spc_sag_p2_iso', 'space', 't2 high'],
  ['t2_space_dark-fluid_sag_p2_iso', 'spaceFlair', 'flair high'],
  ['t2_tirm_tra_dark-fluid', 'flair', 'flair high'],
  ['t2_fl2d_tra_hemo', 't2Star', 'susceptibility or T2* high'],
  ['ep2d_diff_3scan_trace_p2_ADC', 'echoPlanar', 'diffusion high'],
  ['ep2d_diff_3scan_trace_p2_TRACEW', 'echoPlanar', 'diffusion high'],
  ['ep2d_perf_p2', 'echoPlanar', 'perfusion high'],
  ['ep2d_bold_moco', 'echoPlanar', 'functional high'],
  ['SWI_Images', 't2Star', 'susceptibility or T2* high'],
  ['Pha_Images', 't2Star', 'susceptibility or T2* high'],
  ['mIP_Images(SW)', 't2Star', 'susceptibility or T2* high'],
  ['AAHead_Scout_MPR_sag', 'spgr', 'localizer or calibration high'],
  ['localizer', 'spgr', 'localizer or calibration high'],
  ['TOF_3D_multi-slab', 'spgr', 'angiography or flow high'],
  ['gre_field_mapping', 't2Star', 'localizer or calibration high'],
  // GE
  ['AX T1 FSE', 't1SpinEcho', 't1 low'],
  ['Ax T1 SE PRE', 't1SpinEcho', 't1 high'],
  ['AX T1 POST GD', 't1SpinEcho', 't1ce high', 'MAGNEVIST'],
  ['Ax T1+C', 't1SpinEcho', 't1ce high'],
  ['COR T1 C+', 't1SpinEcho', 't1ce high'],
  ['Ax T1 w/o', 't1SpinEcho', 't1 high'],
  ['AX T1 W/WO', 't1SpinEcho', 't1 low'],
  ['SAG T1 FLAIR', 't1Flair', 't1 low'],
  ['Ax T1 FLAIR POST', 't1Flair', 't1ce high'],
  ['Ax 3D FSPGR IR Gad', 'irSpgr', 't1ce high'],
  ['SAG BRAVO', 'irSpgr', 't1 low'],
  ['+C 3D BRAVO', 'irSpgr', 't1ce high', 'Clariscan'],
  ['AX T2 FRFSE', 't2', 't2 high'],
  ['Ax T2 PROPELLER', 't2', 't2 high'],
  ['AX T2 FLAIR', 'flair', 'flair high'],
  ['Sag CUBE FLAIR', 'spaceFlair', 'flair high'],
  ['FLAIR post contrast', 'flair', 'flair high'],
  ['Ax SWAN', 't2Star', 'susceptibility or T2* high'],
  ['AX GRE T2*', 't2Star', 'susceptibility or T2* high'],
  ['Ax DWI b1000', 'echoPlanar', 'diffusion high'],
  ['Apparent Diffusion Coefficient (mm2/s)', 'echoPlanar', 'diffusion high'],
  ['3-PLANE LOC', 'spgr', 'localizer or calibration high'],
  ['ASSET Cal', 'spgr', 'localizer or calibration high'],
  ['3D ASL (non-contrast)', 'echoPlanar', 'perfusion high'],
  ['Screen Save', undefined, 'screenshot or report high'],
  ['AX PD', 'dual', 'proton density high'],
  // Philips
  ['T1W_SE', 't1SpinEcho', 't1 low'],
  ['T1W_3D_TFE', 'spgr', 't1 low'],
  ['T1W_3D_TFE GD', 'spgr', 't1ce high', 'GADOVIST'],
  ['s3DI_T1 TFE +C', 'spgr', 't1ce high'],
  ['T2W_TSE', 't2', 't2 high'],
  ['3D_Brain_VIEW_FLAIR_SHC', 'spaceFlair', 'flair high'],
  ['FLAIR_longTR', 'flair', 'flair high'],
  ['sDW_SSh', 'echoPlanar', 'diffusion medium'],
  ['DTI_high_iso', 'echoPlanar', 'diffusion high'],
  ['Survey_SHC', 'spgr', 'localizer or calibration high'],
  ['SWIp', 't2Star', 'susceptibility or T2* high'],
  ['Reg - DWI_SSh SENSE', 'echoPlanar', 'diffusion high'],
  ['sT1W_1mm_3D_32ch', 'spgr', 't1 low'],
  ['sFLAIR_longTR', 'flair', 'flair high'],
  ['T2W_TSE_DRIVE', 't2', 't2 high'],
  // Toshiba, Canon, Hitachi and hospitals
  ['T1 AXIAL SE S/C', 't1SpinEcho', 't1 high'],
  ['AX T1 PRE-CONTRAST', 't1SpinEcho', 't1 high'],
  ['T1 axial post-gado', 't1SpinEcho', 't1ce high'],
  ['T1 EG 3D INJ', 'spgr', 't1ce high'],
  ['t1c', 't1SpinEcho', 't1ce high'],
  ['AX T1 POST OP', 't1SpinEcho', 't1 low'],
  ['AX T1 POST RT', 't1SpinEcho', 't1 low'],
  ['T1 POST FOSSA', 't1SpinEcho', 't1 low'],
  ['AX T1 MPRAGE MPR SUB', 'mprage', 'subtraction, projection or map high'],
  ['SYNTHETIC T2 from T1 (utad-net)', undefined, 'synthetic high'],
  ['T1_p2_1mm_fov256_sag_TI_880', 'mprage', 't1 low'],
  ['32_FLAIR_1mm_ipat2', 'flair', 'flair high'],
  ['Sag T1 SE fs+C', 't1SpinEcho', 't1ce high'],
  ['T1 W TSE', 't1SpinEcho', 't1 low'],
  ['3DT1 isotropic', 'mprage', 't1 low'],
  ['T2_SPC MPR tra', 'space', 't2 high'],
  ['AX T1 PRE AND POST', 't1SpinEcho', 't1 low'],
  ['mp2rage_INV1', 'mprage', 'subtraction, projection or map high'],
  // Words and numbers that disagree or say nothing
  ['t1_se_tra', 't2', 't1 low'],
  ['AX T2', 't1SpinEcho', 't2 low'],
  ['t2_tse_tra', undefined, 't2 medium'],
  ['head routine', 'flair', 'flair medium'],
  ['head routine', 't2', 't2 low'],
  ['head routine', undefined, 'unknown low'],
  ['', undefined, 'unknown low'],
  ['AX T1 without contrast', 't1SpinEcho', 't1 low', 'GADAVIST'],
  ['AX T1', 't1SpinEcho', 't1 low', 'NONE'],
];

describe('the guess of a series’ contrast', () => {
  it.each(rows)('“%s”, %s: %s', (seriesDescription, set, expected, contrastAgent) => {
    const facts: SequenceFacts = {
      ...nothing,
      ...(seriesDescription === '' ? {} : { seriesDescription }),
      ...(set === undefined ? {} : parameters[set]),
      ...(contrastAgent === undefined ? {} : { contrastAgent }),
    };
    const { contrast, other, confidence } = guessSequence(facts);
    expect(`${other ?? contrast} ${confidence}`).toBe(expected);
  });

  it('is never sure of a T1 that says nothing about contrast agent, and says why', () => {
    const guess = guessSequence({ ...nothing, ...parameters.mprage, seriesDescription: 't1_mprage' });
    expect(guess).toEqual({
      contrast: 't1',
      confidence: 'low',
      reasons: [
        'its description says “t1”',
        'TR 1900, TE 2.5, TI 900 ms of a gradient echo',
        'nothing says whether contrast agent was given',
      ],
    });
  });

  it.each([
    [['ORIGINAL', 'PRIMARY', 'DIFFUSION', 'ADC'], 'diffusion'],
    [['ORIGINAL', 'PRIMARY', 'P', 'ND'], 'phase or part of a complex image'],
    [['DERIVED', 'PRIMARY', 'MPR', 'SUB'], 'subtraction, projection or map'],
    [['DERIVED', 'SECONDARY', 'SCREEN SAVE'], 'screenshot or report'],
    [['ORIGINAL', 'PRIMARY', 'LOCALIZER'], 'localizer or calibration'],
  ])('knows by ImageType %j what is none of the four', (imageType, other) => {
    expect(guessSequence({ ...nothing, ...parameters.t2, seriesDescription: 't2', imageType })).toMatchObject(
      {
        contrast: 'other',
        other,
        confidence: 'high',
      },
    );
  });

  it('trusts a reformatted series one step less', () => {
    const facts = { ...nothing, ...parameters.t2, seriesDescription: 't2 tra' };
    expect(guessSequence({ ...facts, imageType: ['DERIVED', 'SECONDARY', 'MPR'] }).confidence).toBe('medium');
    expect(guessSequence({ ...facts, imageType: ['ORIGINAL', 'PRIMARY', 'M'] }).confidence).toBe('high');
  });

  it('uses the acquisition contrast that enhanced files state', () => {
    const facts = { ...nothing, ...parameters.flair, acquisitionContrast: 'FLUID_ATTENUATED' };
    expect(guessSequence(facts)).toMatchObject({ contrast: 'flair', confidence: 'high' });
    expect(guessSequence({ ...facts, acquisitionContrast: 'DIFFUSION' })).toMatchObject({
      other: 'diffusion',
    });
  });

  it('leaves out what is not MR', () => {
    expect(guessSequence({ ...nothing, modality: 'CT', seriesDescription: 'T1 something' }).other).toBe(
      'not MR',
    );
  });
});
