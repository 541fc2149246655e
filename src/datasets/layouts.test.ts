import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCases } from './find-cases.node.js';
import { labelConventions } from './label-convention.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-layouts-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
}
const touch = (...names: readonly string[]): Promise<void> =>
  put(Object.fromEntries(names.map((name) => [name, ''])));
const at = (path: string, volumeIndex?: number) => ({
  path: join(folder, path),
  ...(volumeIndex === undefined ? {} : { volumeIndex }),
});
const channels = { '0': 'FLAIR', '1': 'T1w', '2': 't1gd', '3': 'T2w' };
const labels = { '0': 'background', '1': 'edema', '2': 'non-enhancing tumor', '3': 'enhancing tumour' };

describe('the Medical Segmentation Decathlon', () => {
  it('gives each modality its channel, in its own order, and its labels their own meaning', async () => {
    await put({
      'dataset.json': {
        name: 'BRATS',
        tensorImageSize: '4D',
        modality: channels,
        labels,
        training: [
          { image: './imagesTr/BRATS_457.nii.gz', label: './labelsTr/BRATS_457.nii.gz' },
          { image: './imagesTr/BRATS_001.nii.gz', label: './labelsTr/BRATS_001.nii.gz' },
        ],
        test: ['./imagesTs/BRATS_485.nii.gz'],
      },
    });
    await touch('imagesTr/BRATS_457.nii.gz', 'labelsTr/BRATS_457.nii.gz', 'imagesTs/BRATS_485.nii.gz');
    await touch('imagesTr/._BRATS_457.nii.gz');
    const dataSet = await findCases(folder);
    expect(dataSet.layout).toBe('msd');
    expect(dataSet.because).toBe('dataset.json with the channels FLAIR, T1w, t1gd, T2w');
    expect(dataSet.modalities).toEqual(['t1', 't1ce', 't2', 'flair']);
    const image = 'imagesTr/BRATS_457.nii.gz';
    expect(dataSet.cases[0]).toEqual({
      id: 'BRATS_457',
      modalities: { flair: at(image, 0), t1: at(image, 1), t1ce: at(image, 2), t2: at(image, 3) },
      mask: at('labelsTr/BRATS_457.nii.gz'),
      labels: labelConventions.msd,
    });
    expect(dataSet.cases[1]!.id).toBe('BRATS_485');
    expect(dataSet.cases[1]!.mask).toBeUndefined();
    expect(dataSet.notes).toEqual([
      { severity: 'warning', text: '1 cases of dataset.json are not there: BRATS_001' },
    ]);
  });

  it('refuses images that are no such files, and says only the first of many faults', async () => {
    const description = (parts: object) => put({ 'dataset.json': { channel_names: channels, ...parts } });
    await description({ training: ['../..'] });
    await expect(findCases(folder)).rejects.toThrow(/expected images that end in \.nii\.gz, got \.\.\/\.\./);
    await description({ labels: { a: null, b: null } });
    await expect(findCases(folder)).rejects.toThrow(/nnU-Net, got labels\.a: Invalid input\. Correct it/);
  });

  it('refuses a description that names no channels apart, and folders without its files', async () => {
    await put({ 'dataset.json': { modality: { '0': 'T1', '1': 'T1w' } } });
    await expect(findCases(folder)).rejects.toThrow(/channels "0", "1", … of different names/);
    await put({ 'dataset.json': { modality: channels, training: [{ image: './imagesTr/x.nii.gz' }] } });
    await expect(findCases(folder)).rejects.toThrow(/volumes that dataset\.json describes.*none of them/);
    await put({ 'dataset.json': '{' });
    await expect(findCases(folder)).rejects.toThrow(/dataset\.json: expected JSON/);
  });
});

describe('nnU-Net', () => {
  it('has a file a channel, and regions by name', async () => {
    await put({
      'dataset.json': {
        channel_names: { '0': 'T1', '1': 'T2' },
        labels: { background: 0, 'whole tumor': [1, 2, 3], 'tumor core': [2, 3], 'enhancing tumor': 3 },
        numTraining: 2,
        file_ending: '.nii.gz',
      },
    });
    await touch('imagesTr/p1_0000.nii.gz', 'imagesTr/p1_0001.nii.gz', 'labelsTr/p1.nii.gz');
    await touch('imagesTr/p2_0001.nii.gz', 'imagesTs/p3_0000.nii.gz');
    const { layout, cases, modalities } = await findCases(folder);
    expect([layout, modalities]).toEqual(['nnunet', ['t1', 't2']]);
    expect(cases).toEqual([
      {
        id: 'p1',
        modalities: { t1: at('imagesTr/p1_0000.nii.gz'), t2: at('imagesTr/p1_0001.nii.gz') },
        mask: at('labelsTr/p1.nii.gz'),
        labels: labelConventions.msd,
      },
      { id: 'p2', modalities: { t2: at('imagesTr/p2_0001.nii.gz') }, labels: labelConventions.msd },
      { id: 'p3', modalities: { t1: at('imagesTs/p3_0000.nii.gz') }, labels: labelConventions.msd },
    ]);
  });
});

describe('BIDS', () => {
  it('raw: knows suffixes, contrast agents, sessions and runs', async () => {
    await touch(
      'sub-01/ses-pre/anat/sub-01_ses-pre_T1w.nii.gz',
      'sub-01/ses-pre/anat/sub-01_ses-pre_ce-gadolinium_T1w.nii.gz',
      'sub-01/ses-pre/anat/sub-01_ses-pre_T1w.json',
      'sub-01/ses-post/anat/sub-01_ses-post_run-2_FLAIR.nii',
      'sub-01/ses-post/anat/sub-01_ses-post_run-1_FLAIR.nii',
      'sub-02/anat/sub-02_T2w.nii.gz',
      'sub-02/anat/sub-02_acq-ax_FLAIR.nii.gz',
      'sub-02/anat/sub-02_acq-3d_FLAIR.nii.gz',
      'sub-02/anat/sub-02_PDw.nii.gz',
      'sub-02/func/sub-02_task-rest_bold.nii.gz',
      'sub-03/func/sub-03_task-rest_bold.nii.gz',
    );
    const { layout, cases, modalities, notes } = await findCases(folder);
    expect([layout, modalities]).toEqual(['bids', ['t1', 't1ce', 't2', 'flair', 'pd']]);
    expect(cases).toEqual([
      {
        id: 'sub-01_ses-post',
        modalities: { flair: at('sub-01/ses-post/anat/sub-01_ses-post_run-1_FLAIR.nii') },
      },
      {
        id: 'sub-01_ses-pre',
        modalities: {
          t1ce: at('sub-01/ses-pre/anat/sub-01_ses-pre_ce-gadolinium_T1w.nii.gz'),
          t1: at('sub-01/ses-pre/anat/sub-01_ses-pre_T1w.nii.gz'),
        },
      },
      {
        id: 'sub-02',
        modalities: { t2: at('sub-02/anat/sub-02_T2w.nii.gz'), pd: at('sub-02/anat/sub-02_PDw.nii.gz') },
        unsure: ['3d', 'ax'].map((acq) => ({
          ...at(`sub-02/anat/sub-02_acq-${acq}_FLAIR.nii.gz`),
          like: ['flair'],
          because: 'there are several',
        })),
      },
    ]);
    expect(notes.map(({ caseId, text }) => `${caseId ?? 'all'}: ${text}`)).toEqual([
      'sub-01_ses-post: flair: the first of 2 runs is taken, sub-01_ses-post_run-1_FLAIR.nii',
      'sub-02: flair left out, for there are several: sub-02_acq-3d_FLAIR.nii.gz, sub-02_acq-ax_FLAIR.nii.gz. Name one in a mapping file',
      'all: not used, its suffix is “bold”: sub-02/func/sub-02_task-rest_bold.nii.gz, sub-03/func/sub-03_task-rest_bold.nii.gz',
    ]);
  });

  it('derivatives: takes the version with segmentations, whose table says what they mean', async () => {
    const derived = 'derivatives/prep/sub-01/anat/sub-01_space-SRI24_desc-brain';
    await touch(
      'sub-01/anat/sub-01_T1w.nii.gz',
      'sub-01/anat/sub-01_T2w.nii.gz',
      `${derived}_T1w.nii.gz`,
      `${derived}_ce-gadolinium_T1w.nii.gz`,
      'derivatives/masks/sub-01/anat/sub-01_space-SRI24_dseg.nii.gz',
    );
    const table = 'index\tname\tabbreviation\n1\tNecrotic core\tNCR\n2\tEdema\tED\n3\tEnhancing tumor\tET\n';
    await put({ 'derivatives/masks/dseg.tsv': table });
    const dataSet = await findCases(folder);
    expect(dataSet.because).toBe(
      'sub-… folders with anatomical images, derivatives/prep space-SRI24_desc-brain (rather than as acquired)',
    );
    expect(dataSet.cases).toEqual([
      {
        id: 'sub-01',
        modalities: { t1ce: at(`${derived}_ce-gadolinium_T1w.nii.gz`), t1: at(`${derived}_T1w.nii.gz`) },
        mask: at('derivatives/masks/sub-01/anat/sub-01_space-SRI24_dseg.nii.gz'),
        labels: labelConventions['brats-2023'],
      },
    ]);
  });

  it('raw images with masks among the derivatives: a lesion mask, a brain mask, a JSON table', async () => {
    await touch('sub-1/anat/sub-1_T1w.nii.gz', 'sub-2/anat/sub-2_T1w.nii.gz');
    await touch('derivatives/x/sub-1/anat/sub-1_label-lesion_mask.nii.gz');
    await touch('derivatives/x/sub-1/anat/sub-1_desc-brain_mask.nii.gz');
    await put({
      'derivatives/x/sub-2/anat/sub-2_space-orig_dseg.nii.gz': '',
      'derivatives/x/sub-2/anat/sub-2_space-orig_dseg.json': { LabelMap: { WT: 1, ET: 4 } },
    });
    const [one, two] = (await findCases(folder)).cases;
    expect(one).toEqual({
      id: 'sub-1',
      modalities: { t1: at('sub-1/anat/sub-1_T1w.nii.gz') },
      mask: at('derivatives/x/sub-1/anat/sub-1_label-lesion_mask.nii.gz'),
      foreground: at('derivatives/x/sub-1/anat/sub-1_desc-brain_mask.nii.gz'),
      labels: labelConventions.any,
    });
    expect(two!.labels).toEqual({
      name: 'sub-2_space-orig_dseg.json',
      regions: { whole: [1, 4], core: [4], enhancing: [4] },
      target: 'whole',
      others: [],
    });
  });
});

describe('a declared convention', () => {
  it('goes before what the data set says, and must be known', async () => {
    await touch('p/p_t1.nii.gz', 'p/p_seg.nii.gz');
    const [one] = (await findCases(folder, { labels: 'brats-2015' })).cases;
    expect(one!.labels).toBe(labelConventions['brats-2015']);
    expect((await findCases(folder, { labels: 'per-patient' })).labelsPerPatient).toBe(true);
    await expect(findCases(folder, { labels: 'brats2021' })).rejects.toThrow(
      /--labels: expected brats-2021, .*, got brats2021\. Did you mean brats-2021\?/,
    );
  });
});
