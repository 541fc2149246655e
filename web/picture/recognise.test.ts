import { describe, expect, it } from 'vitest';
import { recogniseByGuess, recogniseByName } from './recognise.js';

describe('a volume’s name', () => {
  it.each([
    ['BraTS2021_00006_t1ce.nii.gz', 't1ce', true],
    ['folder/BraTS-GLI-00001-000-t2f.nii.gz', 'flair', true],
    ['sub-01_ce-gadolinium_T1w.nii.gz', 't1ce', true],
    ['sub-01_FLAIR.nii', 'flair', true],
    ['patient T2.nii.gz', 't2', true],
    ['P1_T1_bias.nii.gz', 't1', false],
    ['t1_to_flair_t2.hdr', undefined, false],
    ['post-T1.nii.gz', undefined, false],
    ['sub-01_acq-FLAIRax_T2w.nii.gz', undefined, false],
    ['P_adc.nii.gz', undefined, false],
    ['scan.nii.gz', undefined, false],
    ['BRATS_001.nii.gz [1]', undefined, false],
  ] as const)('%s says %s (sure: %s)', (name, role, sure) => {
    expect(recogniseByName(name, false)).toMatchObject({ role, sure });
  });

  it.each([
    ['p01_seg.nii.gz', 'tumour', true],
    ['labels.nii.gz', 'tumour', false],
    ['UCSF-PDGM-0004_brain_segmentation.nii.gz', undefined, false],
    ['brain_mask.nii.gz', 'brain', true],
    ['something.nii.gz', 'tumour', false],
  ] as const)('%s with labels in it is a mask of: %s', (name, role, sure) => {
    expect(recogniseByName(name, true)).toMatchObject({ role, sure });
  });
});

describe('a series', () => {
  it('is taken for what it says, and sure only where its parameters agree', () => {
    const reasons = ['its description says “t2”'];
    expect(recogniseByGuess({ contrast: 't2', confidence: 'high', reasons })).toMatchObject({
      role: 't2',
      sure: true,
    });
    expect(recogniseByGuess({ contrast: 't1', confidence: 'low', reasons }).sure).toBe(false);
    expect(recogniseByGuess({ contrast: 'unknown', confidence: 'low', reasons }).role).toBeUndefined();
  });
});
