import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CaseFiles } from './case.js';
import { findCases } from './find-cases.node.js';
import { inspectDataSet } from './inspect-data-set.node.js';
import { resolveLabels } from './resolve-labels.node.js';

const at = (name: string): string => new URL(`../../test/cases/${name}`, import.meta.url).pathname;

/** What is used of a case, by the names of its files, and what may be what. */
function shown({ modalities, mask, unsure = [] }: CaseFiles): Record<string, string> {
  const used = Object.entries(modalities).map(([name, { path }]) => [name, basename(path)]);
  const doubtful = unsure.map(({ path, like }) => [`? ${like.join(' ')}`, basename(path)]);
  return Object.fromEntries([
    ...used,
    ...(mask ? [['mask', basename(mask.path)]] : []),
    ...doubtful,
  ]) as Record<string, string>;
}

async function casesIn(name: string): Promise<Record<string, Record<string, string>>> {
  const { cases } = await findCases(at(name));
  return Object.fromEntries(cases.map((one) => [one.id, shown(one)]));
}

const notesIn = async (name: string): Promise<string> =>
  (await findCases(at(name))).notes.map(({ caseId, text }) => `${caseId ?? 'all'}: ${text}`).join('\n');

describe('names that mean two things', () => {
  it('are unsure, named with the reason, and not used', async () => {
    expect(await casesIn('names-suffix-only/data')).toEqual({
      P1: { '? t1 flair': 'P1_T1_to_FLAIR.nii.gz' },
      P2: { '? t1 t1ce': 'P2_ce_T1.nii.gz' },
      P3: { '? t1 t1ce': 'P3_post-T1.nii.gz' },
      P4: { '? t1 flair': '3_Ax_T1_FLAIR.nii.gz' },
      P5: { '? flair t1': 'P5_FLAIR_in_T1.nii.gz' },
    });
    const { problems, cases } = await inspectDataSet(await findCases(at('names-suffix-only/data')));
    const errors = [...problems, ...cases.flatMap((one) => one.problems)].filter(
      (one) => one.severity === 'error',
    );
    expect(errors.map(({ text }) => text)).toContain('no volume that could be used');
  });

  it('do not hide those that data sets are known for', async () => {
    expect(await casesIn('names-not-understood/data-upenn')).toMatchObject({
      'UPENN-GBM-00001_11': { t1ce: 'UPENN-GBM-00001_11_T1GD.nii.gz', t1: 'UPENN-GBM-00001_11_T1.nii.gz' },
    });
    expect(await casesIn('names-not-understood/data-ucsf')).toEqual({
      'UCSF-PDGM-0004_nifti': {
        t1: 'UCSF-PDGM-0004_T1.nii.gz',
        t1ce: 'UCSF-PDGM-0004_T1c.nii.gz',
        t2: 'UCSF-PDGM-0004_T2.nii.gz',
        flair: 'UCSF-PDGM-0004_FLAIR.nii.gz',
        mask: 'UCSF-PDGM-0004_tumor_segmentation.nii.gz',
      },
    });
    expect(await casesIn('names-not-understood/data-mixed')).toEqual({
      P4: { t1: 'P4_T1w.nii.gz', t1ce: 'P4_T1post.nii.gz', t2: 'P4_T2w.nii.gz', flair: 'P4_FLAIR.nii.gz' },
    });
  });

  it('of a brain’s segmentation are no tumour', async () => {
    expect(await casesIn('names-brain-seg/data')).toEqual({ P1: { t1: 'P1_t1.nii.gz', t2: 'P1_t2.nii.gz' } });
    expect(await notesIn('names-brain-seg/data')).toContain('“brain”, no tumour: P1/P1_brain_seg.nii.gz');
  });

  it('of several patients in one folder are patients', async () => {
    expect(await casesIn('names-many-patients-in-a-folder/data')).toEqual({
      HGG147: { t1: 'HGG147_T1.nii.gz', t2: 'HGG147_T2.nii.gz' },
      HGG148: { t1: 'HGG148_T1.nii.gz', t2: 'HGG148_T2.nii.gz' },
    });
  });
});

describe('BIDS', () => {
  it('says contrast in acq and in the JSON as well', async () => {
    expect(await casesIn('bids-contrast-in-acq-or-json/data')).toEqual({
      'sub-01': {
        '? flair t2': 'sub-01_acq-FLAIRax_T2w.nii.gz',
        '? t1 t1ce': 'sub-01_acq-post_T1w.nii.gz',
      },
      'sub-02': { t2: 'sub-02_T2w.nii.gz', '? t1ce': 'sub-02_T1w.nii.gz' },
    });
  });

  it('names what has no name of BIDS', async () => {
    const notes = await notesIn('bids-lost-without-a-word/data');
    for (const lost of ['sub-TCGA-02-0001', 'sub-01_T1wGd.nii.gz', 'sub-01_T2w_FLAIR.nii.gz'])
      expect(notes).toContain(lost);
    // What nobody can name may be any of the modalities that seem to be missing.
    const { doubts } = await findCases(at('bids-lost-without-a-word/data'));
    expect(doubts?.map(({ caseId, modality, text }) => [caseId, modality, text])).toEqual([
      ['sub-01', undefined, 'sub-01/anat/sub-01_T1wGd.nii.gz (its name does not say what it is)'],
    ]);
  });
});

describe('labels', () => {
  it('of BraTS-PED are its own', async () => {
    const { cases } = await inspectDataSet(await findCases(at('labels-brats-ped/data')));
    expect(new Set(cases.map(({ convention }) => convention))).toEqual(new Set(['brats-ped']));
    const [{ regionsMl }] = cases as [(typeof cases)[number]];
    expect(regionsMl!['enhancing']).toBeCloseTo(7.8, 1);
    expect(regionsMl!['core']).toBeCloseTo(9.5, 1);
  });

  it.each([
    ['data-cet', '“CET”, “NCET”'],
    ['data-nnunet3042', '“NonEnh”'],
  ])('of a table with parts that are not understood are refused by name: %s', async (name, unclear) => {
    const dataSet = await findCases(at(`labels-unknown-part-dropped/${name}`));
    await expect(resolveLabels(dataSet)).rejects.toThrow(`not understood: ${unclear}`);
    const { problems } = await inspectDataSet(dataSet);
    expect(problems.map(({ text }) => text).join()).toContain(unclear);
    expect(dataSet.modalities).toEqual(['t1', 't1ce', 'flair', 't2star']);
    expect(dataSet.notes.map(({ text }) => text).join()).toContain('the channel “T2*” is none of t1');
  });
});
