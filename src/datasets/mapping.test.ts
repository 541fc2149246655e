import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCases } from './find-cases.node.js';
import { readMapping } from './mapping.js';

const t1 = { modalities: { t1: '{patient}.nii' } };

describe('a mapping file', () => {
  it.each([
    [{ modalites: {} }, /m\.json: modalites: there is no such field\. Did you mean modalities\?/],
    [{ modalities: {} }, /m\.json: modalities: expected at least one modality/],
    [{ modalities: { t1: 't1.nii' } }, /modalities\.t1: expected a pattern with \{patient\}/],
    [{ modalities: { t1: '{pateint}/x' } }, /got \{pateint\}\. Did you mean \{patient\}\?/],
    [
      { modalities: { t1: { files: '{patient}' } } },
      /modalities\.t1.*Did you mean file\?|modalities\.t1\.file/,
    ],
    [{ modalities: { t1: 7 } }, /modalities\.t1: expected a pattern such as .* got 7/],
    [{ modalities: { t1: { file: '{patient}', volumeIndex: -1 } } }, /modalities\.t1: volumeIndex/],
    [{ ...t1, foreground: 'zero' }, /foreground: expected "nonzero" or \{ "above"/],
    [{ ...t1, foreground: { over: 1 } }, /foreground.*(above|over)/],
    [{ ...t1, mask: '{patient}_m' }, /regions: expected what the labels of the mask mean.*"whole": "any"/],
    [{ ...t1, labels: 'brats' }, /labels: expected brats-2021, .* Did you mean/],
    [{ ...t1, labels: 'msd', regions: { a: 'any' } }, /either labels or regions, got both/],
    [{ ...t1, regions: { a: [1], b: [2] } }, /target: expected the region that .*: a, b, got none/],
    [
      { ...t1, regions: { liver: [1] }, target: 'livr' },
      /target: expected one of liver.*Did you mean liver\?/,
    ],
    [[], /m\.json/],
  ])('is refused when it says %j', (value, message) => {
    expect(() => readMapping(value, 'm.json')).toThrow(message);
  });

  it('gives modalities their own rule for the background, or the shared one', () => {
    const { foregroundByModality, labels } = readMapping(
      {
        modalities: { mr: '{patient}', ct: { file: '{patient}', foreground: { above: -500 } } },
        foreground: 'nonzero',
        labels: 'msd',
        target: 'core',
      },
      'm.json',
    );
    expect(foregroundByModality).toEqual({ mr: { kind: 'nonzero' }, ct: { kind: 'above', value: -500 } });
    expect([labels!.target, labels!.regions['core']]).toEqual(['core', [2, 3]]);
  });
});

describe('a mapped data set', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'utad-mapping-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function touch(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), '');
    }
  }
  async function map(value: object): Promise<void> {
    await writeFile(join(folder, 'utad-map.json'), JSON.stringify(value));
  }
  const at = (path: string) => ({ path: join(folder, path) });

  it('binds patient and session wherever they occur, in folders and names', async () => {
    await touch(
      'P-1/2001/P-1-t1.nii',
      'P-1/2002/P-1-t1.nii',
      'P-1/2002/other-t1.nii',
      'P-2/2001/P-2-t1.nii',
      'masks/P-1.nii',
      'brains/P-2_2001.nii',
      'P-3/readme.txt',
    );
    await map({
      modalities: { t1: '{patient}/{session}/{patient}-t1.nii' },
      mask: 'masks/{patient}.nii',
      regions: { whole: 'any' },
      foregroundMask: 'brains/{patient}_{session}.nii',
    });
    const { layout, because, cases } = await findCases(folder);
    expect([layout, because]).toEqual(['mapping', `described by ${join(folder, 'utad-map.json')}`]);
    expect(cases.map(({ labels: _, ...one }) => one)).toEqual([
      { id: 'P-1_ses-2001', modalities: { t1: at('P-1/2001/P-1-t1.nii') }, mask: at('masks/P-1.nii') },
      { id: 'P-1_ses-2002', modalities: { t1: at('P-1/2002/P-1-t1.nii') }, mask: at('masks/P-1.nii') },
      {
        id: 'P-2_ses-2001',
        modalities: { t1: at('P-2/2001/P-2-t1.nii') },
        foreground: at('brains/P-2_2001.nii'),
      },
    ]);
  });

  it('takes stars and volumes of a series, and letters of patterns literally', async () => {
    await touch('a/scan (1).x.nii', 'a/scan (1)yx.nii', 'b/scan (22).x.nii');
    await map({ modalities: { t1: { file: '{patient}/scan (*).x.nii', volumeIndex: 2 } } });
    const { cases } = await findCases(folder);
    expect(cases).toEqual([
      { id: 'a', modalities: { t1: { ...at('a/scan (1).x.nii'), volumeIndex: 2 } } },
      { id: 'b', modalities: { t1: { ...at('b/scan (22).x.nii'), volumeIndex: 2 } } },
    ]);
  });

  it('is refused when a pattern names two files of a patient, or none at all', async () => {
    await touch('a/t1_1.nii', 'a/t1_2.nii');
    await map({ modalities: { t1: '{patient}/t1_*.nii' } });
    await expect(findCases(folder)).rejects.toThrow(
      /^a t1: expected one volume for its pattern, got .*t1_1\.nii and t1_2\.nii/,
    );
    await map({ modalities: { t1: '{patient}/t2.nii' } });
    await expect(findCases(folder)).rejects.toThrow(/t1 at \{patient\}\/t2\.nii, got no volume/);
    await expect(findCases(folder, { map: join(folder, 'lost.json') })).rejects.toThrow(/lost\.json/);
  });
});
