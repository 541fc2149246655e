import { describe, expect, it } from 'vitest';
import { readVolumeName } from './read-volume-name.js';

/** A modality or mask; `?` and what it may be where that is unsure; `–` for what is none of them or says nothing. */
function read(name: string, id?: string): string {
  const found = readVolumeName(`${name}.nii.gz`, id === undefined ? {} : { id });
  if (found.kind === 'modality') return found.modality;
  if (found.kind === 'unsure') return `? ${found.like.join(' ')}`.trim();
  return found.kind === 'tumour' || found.kind === 'brain' ? found.kind : '–';
}

describe('a name', () => {
  it.each([
    ['BraTS2021_00006_t1ce', 't1ce'],
    ['BraTS-GLI-00001-000-t2f', 'flair'],
    ['BraTS-GLI-00001-000-t1n', 't1'],
    ['t1', 't1'],
    ['patient1_T2', 't2'],
    ['subject2_flair', 'flair'],
    ['pat1_t1ce', 't1ce'],
    ['P_T1w', 't1'],
    ['P_T1post', 't1ce'],
    ['CT1', 't1ce'],
    ['P_T2_FLAIR', 'flair'],
    ['sub-01_ce-gadolinium_T1w', 't1ce'],
    ['sub-01_part-mag_T1w', 't1'],
    ['sub-01_acq-T2_FLAIR', 'flair'],
  ])('%s says %s', (name, modality) => {
    expect(read(name)).toBe(modality);
  });

  it.each([
    ['P1_T1_to_FLAIR', '? t1 flair'],
    ['3_Ax_T1_FLAIR', '? t1 flair'],
    ['P5_FLAIR_in_T1', '? flair t1'],
    ['T1FLAIR', '? t1 flair'],
    ['P_rT1', '? t1 t1ce'],
    ['P_reg_to_T1', '?'],
    ['x_flair (1)', '? flair'],
    ['x_t1.nii', '? t1'],
    ['P_T1_bias', '? t1'],
    ['P_mprage', '? t1 t1ce'],
    ['sub-01_acq-FLAIRax_T2w', '? flair t2'],
    ['sub-01_T1wGd', '? t1ce'],
  ])('%s is unsure for more than one reading: %s', (name, like) => {
    expect(read(name)).toBe(like);
  });

  it.each([
    ...['P2_ce_T1', 'P3_post-T1', 'P_T1_Gd', 'P_T1_pre', 'P_no_contrast_T1', 'P_noGd_T1', 'P_native_T1'],
    ...['P_withoutGd_T1', 'P_ohneKM_T1', 'P_T1_C-', 'sub-01_acq-post_T1w', 'sub-01_acq-Gad_T1w', 'P_KM_T1'],
    ...['P_sans_T1', 'P_contrast_T1', 'P_nongad_T1'],
  ])('%s is unsure for a word about contrast agent', (name) => {
    expect(read(name)).toBe('? t1 t1ce');
  });

  it('of a T1 with contrast agent is unsure where a word says that none was given', () => {
    expect(read('P_pre_t1ce')).toBe('? t1ce t1');
  });

  it.each([
    ...[
      'P_T2star',
      'P_T2*',
      'P_T2starw',
      'P_gre_T2',
      'P_swi',
      'P_adc',
      'P_dwi',
      'P_pd',
      'P_asl',
      'P_DTI_eddy_FA',
    ],
    ...['P_t2-synthetic', 'P_t2-spread', 'P_synthetic_t1', 'atlas_t1', 'P_T1_map', 'P_TOF_T1'],
    ...[
      'c1P01_T1',
      'P_DSC_ap-rCBV',
      'sub-01_part-phase_T1w',
      'sub-01_task-rest_bold',
      'sub-01_desc-synthetic_T1w',
    ],
  ])('%s is none of the four', (name) => {
    expect(read(name)).toBe('–');
  });

  it('knows what programs write before the patient’s id', () => {
    expect([read('rP01_T1', 'P01'), read('c2P01_T1', 'P01'), read('y_P01_T1', 'P01')]).toEqual([
      '? t1',
      '–',
      '–',
    ]);
  });

  it('may have words of a patient’s id that mean something elsewhere', () => {
    expect(read('T1_study_07_flair')).toBe('? t1 flair');
    expect(read('T1_study_07_flair', 'T1_study_07')).toBe('flair');
    expect(read('P1_post_t2', 'P1_post')).toBe('t2');
    expect(read('P1_post_t1', 'P1_post')).toBe('? t1 t1ce');
  });
});

describe('a mask’s name', () => {
  it.each([
    ...[
      'BraTS20_Training_001_seg',
      'BraTS-MEN-RT-0000-1_gtv',
      'UCSF-PDGM-0004_tumor_segmentation',
      'P_lesion_mask',
    ],
    ...['TCGA-02-0006_1996.08.23_GlistrBoost_ManuallyCorrected', 'UPENN-GBM-00001_11_automated_approx_segm'],
    ...['RHUH-0001_0_segmentations', 'P_tumourmask', 'sub-01_label-lesion_mask'],
  ])('%s says tumour', (name) => {
    expect(read(name)).toBe('tumour');
  });

  it.each(['brain_mask', 'P_brainmask', 'T1_bet_mask'])('%s says brain', (name) => {
    expect(read(name)).toBe('brain');
  });

  it.each([
    ...[
      'P_brain_seg',
      'P_wm_seg',
      'P_tissue_seg',
      'P_parcellation',
      'P_aseg',
      'P_hippocampus_seg',
      'P_ventricles_seg',
    ],
    ...[
      'UCSF-PDGM-0004_brain_parenchyma_segmentation',
      'T1_brain_seg',
      'T1_brain_pveseg',
      'P_aparc+aseg',
      'P_skull_mask',
    ],
    ...['P_seg-predicted', 'sub-01_desc-aseg_dseg'],
  ])('%s says something else', (name) => {
    expect(read(name)).toBe('–');
  });

  it.each(['T1_seg', 'P_mask', 'labels', 'P_core_seg', 'P_ET_mask', 'P_edema_seg', 'P_brain_tumor_seg'])(
    '%s is unsure',
    (name) => {
      expect(read(name)).toBe('? seg');
    },
  );

  it('is unsure for a word that no other name of the folder has', () => {
    const beside = new Set(['p1', 't1']);
    expect(readVolumeName('P1_putamen_seg.nii.gz', { id: 'P1', beside })).toMatchObject({ kind: 'unsure' });
    expect(readVolumeName('P1_seg.nii.gz', { id: 'P1', beside })).toEqual({ kind: 'tumour' });
  });
});
