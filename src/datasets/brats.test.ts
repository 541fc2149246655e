import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { patientOf } from './case.js';
import { findCases } from './find-cases.node.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-brats-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function touch(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '');
  }
}

describe('a BraTS data set', () => {
  it('knows the names of 2018–2021 and of 2023, packed or not, in any case of letters', async () => {
    await touch(
      'B_1/B_1_t1.nii.gz',
      'B_1/B_1_T1CE.nii.gz',
      'B_1/B_1_t2.nii',
      'B_1/B_1_flair.NII.GZ',
      'B_1/B_1_seg.nii.gz',
    );
    await touch(
      'A-2/A-2-t1n.nii.gz',
      'A-2/A-2-t1c.nii.gz',
      'A-2/A-2-t2w.nii.gz',
      'A-2/A-2-t2f.nii.gz',
      'A-2/A-2-seg.nii.gz',
    );
    await touch('split.json', 'B_1/notes.txt', 'B_1/._B_1_t1.nii.gz');
    const { cases } = await findCases(folder);
    expect(cases).toEqual([
      {
        id: 'A-2',
        modalities: {
          t1: { path: join(folder, 'A-2/A-2-t1n.nii.gz') },
          t1ce: { path: join(folder, 'A-2/A-2-t1c.nii.gz') },
          t2: { path: join(folder, 'A-2/A-2-t2w.nii.gz') },
          flair: { path: join(folder, 'A-2/A-2-t2f.nii.gz') },
        },
        mask: { path: join(folder, 'A-2/A-2-seg.nii.gz') },
      },
      {
        id: 'B_1',
        modalities: {
          t1: { path: join(folder, 'B_1/B_1_t1.nii.gz') },
          t1ce: { path: join(folder, 'B_1/B_1_T1CE.nii.gz') },
          t2: { path: join(folder, 'B_1/B_1_t2.nii') },
          flair: { path: join(folder, 'B_1/B_1_flair.NII.GZ') },
        },
        mask: { path: join(folder, 'B_1/B_1_seg.nii.gz') },
      },
    ]);
  });

  it('looks one level deeper and takes a single patient’s folder as well', async () => {
    await touch('HGG/X/X_t1.nii.gz', 'LGG/Y/Y_t2.nii.gz', 'sub-1/sub-1_flair.nii.gz');
    expect((await findCases(folder)).cases.map(({ id }) => id)).toEqual(['X', 'Y', 'sub-1']);
    expect((await findCases(join(folder, 'HGG', 'X'))).cases.map(({ id }) => id)).toEqual(['X']);
  });

  it('leaves missing modalities and masks absent', async () => {
    await touch('X/X_t1.nii.gz');
    const [one] = (await findCases(folder)).cases;
    expect(Object.keys(one!.modalities)).toEqual(['t1']);
    expect('mask' in one!).toBe(false);
  });

  it('refuses what it cannot tell apart, and says what it looked for', async () => {
    await expect(findCases(join(folder, 'nowhere'))).rejects.toThrow(
      /expected a data set folder, got nothing there/,
    );
    await touch('images/scan.nii.gz');
    await expect(findCases(folder)).rejects.toThrow(
      /<id>_t1\.nii\.gz.*-t2f.*dataset\.json.*sub-.*got none of them.*utad-map\.json/,
    );
  });

  it('names patients and files that are there twice, and goes on with the others', async () => {
    await touch('HGG/X/X_t1.nii.gz', 'LGG/X/X_t1.nii.gz');
    await expect(findCases(folder)).rejects.toThrow(
      /no patients that could be used; X: left out, for there are several patients of this name, in HGG\/X, LGG\/X/,
    );
    await touch('LGG/Y/Y_t1.nii', 'LGG/Y/Y_t1.nii.gz', 'LGG/Y/Y_t2.nii.gz');
    const { cases, notes } = await findCases(folder);
    expect(cases.map(({ id, modalities }) => [id, Object.keys(modalities)])).toEqual([['Y', ['t2']]]);
    expect(notes.map(({ severity, caseId }) => `${severity} ${caseId}`)).toEqual(['error X', 'warning Y']);
    expect(notes[1]!.text).toBe(
      't1 left out, for there are several: Y_t1.nii, Y_t1.nii.gz. Name one in a mapping file',
    );
  });

  it('takes several patients of one folder apart by the digits of their names', async () => {
    const both = ['HGG147', 'HGG148'];
    await touch(...both.flatMap((id) => ['T1', 'T1Gd', 'seg'].map((what) => `all/${id}_${what}.nii.gz`)));
    const { cases } = await findCases(folder);
    expect(cases.map(({ id, modalities }) => [id, Object.keys(modalities)])).toEqual(
      both.map((id) => [id, ['t1', 't1ce']]),
    );
  });

  it('joins the masks of one folder with the images of others', async () => {
    const ids = ['UPENN-GBM-00002_11', 'UPENN-GBM-00003_11'];
    await touch(...ids.map((id) => `images_segm/${id}_segm.nii.gz`));
    await touch(...ids.map((id) => `images_structural/${id}/${id}_T1GD.nii.gz`));
    const { cases } = await findCases(folder);
    expect(cases.map(({ id, mask }) => [id, mask?.path])).toEqual(
      ids.map((id) => [id, join(folder, `images_segm/${id}_segm.nii.gz`)]),
    );
  });

  it('names every image that it does not use, with the reason', async () => {
    await touch(
      'X/X_t1.nii.gz',
      'X/X_adc.nii.gz',
      'X/scan.nii.gz',
      'X/old/X_t1.nii.gz',
      'X/X_t1.mgz',
      'a.zip',
    );
    await touch('X/X_T1_to_FLAIR.nii.gz', 'X/X_brain_seg.nii.gz', 'X/notes.txt', 'X/X_t2-synthetic.nii.gz');
    const { notes, cases } = await findCases(folder);
    expect(Object.keys(cases[0]!.modalities)).toEqual(['t1']);
    expect(notes.map(({ caseId, text }) => `${caseId ?? 'all'}: ${text}`)).toEqual([
      'X: not used, perhaps t1 or flair: X_T1_to_FLAIR.nii.gz, because its name says “t1” and “flair”. Say what it is in a mapping file',
      'X: not used: scan.nii.gz, because its name does not say what it is. Say what it is in a mapping file',
      'all: not used, archives, which have to be unpacked: a.zip',
      'all: not used, its name says “adc”: X/X_adc.nii.gz',
      'all: not used, its name says “brain”, no tumour: X/X_brain_seg.nii.gz',
      'all: not used, a format that is not read here (.mgz): X/X_t1.mgz',
      'all: not used, its name says “synthetic”: X/X_t2-synthetic.nii.gz',
      'all: not used, named as t1, but not where this layout looks, or one of several: X/old/X_t1.nii.gz',
    ]);
  });
});

describe('patientOf', () => {
  it.each([
    ['BraTS-GLI-00006-000', 'BraTS-GLI-00006'],
    ['BraTS-GLI-00006-101', 'BraTS-GLI-00006'],
    ['BraTS2021_00006', 'BraTS-GLI-00006'],
    ['BraTS-MEN-00012-001', 'BraTS-MEN-00012'],
    ['BraTS20_Training_001', 'BraTS20_Training_001'],
    ['TCGA-DU-7294', 'TCGA-DU-7294'],
    ['sub-01_ses-2', 'sub-01'],
    ['sub-01', 'sub-01'],
    ['BraTS-GLI-00006-000_ses-20', 'BraTS-GLI-00006'],
  ])('of %s is %s', (id, patient) => {
    expect(patientOf(id)).toBe(patient);
  });
});

it('names patients whose names no patient may have, and takes control characters as part of a name', async () => {
  await touch('__proto__/a_t1.nii.gz', 'constructor/b_t1.nii.gz', 'a\nb/x_t1.nii.gz');
  const { cases, notes } = await findCases(folder);
  expect(cases.map(({ id }) => id)).toEqual(['a\nb']);
  expect(notes.map(({ caseId }) => caseId)).toEqual(['__proto__', 'constructor']);
});
