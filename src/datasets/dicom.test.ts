import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FixtureSeries, writeDicomSeries } from '../../test/fixtures/dicom-series.js';
import { readVolume } from '../imaging/formats/volume-file.node.js';
import { readVolumeGrid } from '../imaging/formats/volume-grid.node.js';
import { describeGrid } from '../imaging/geometry.js';
import { findCases } from './find-cases.node.js';
import { inspectDataSet } from './inspect-data-set.node.js';

const t2: FixtureSeries = {
  description: 't2_tse_tra',
  number: 2,
  repetitionTime: 4000,
  echoTime: 90,
  value: (column, row, slice) => 10 * column + row + 1000 * slice,
};
const flair: FixtureSeries = {
  description: 'FLAIR ax',
  number: 3,
  repetitionTime: 9000,
  echoTime: 120,
  inversionTime: 2500,
};
const t1: FixtureSeries = { description: 't1_se_tra', number: 4, repetitionTime: 500, echoTime: 12 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-dicom-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a folder of DICOM patients', () => {
  it('takes the series that are surely recognised and reports the others; studies are sessions by date', async () => {
    await writeDicomSeries(join(folder, 'anna', 'x', 't2'), t2);
    await writeDicomSeries(join(folder, 'anna', 'x', 'rest'), flair);
    await writeDicomSeries(join(folder, 'anna', 'x', 'rest'), t1);
    await writeDicomSeries(join(folder, 'anna', 'x', 'rest'), { description: 'ax', number: 5 });
    await writeDicomSeries(join(folder, 'bert', 'late'), { ...t2, study: '1.1', studyDate: '20210305' });
    await writeDicomSeries(join(folder, 'bert', 'early'), { ...flair, study: '1.9', studyDate: '20200101' });
    const dataSet = await findCases(folder);
    expect([dataSet.layout, dataSet.because]).toEqual(['dicom', 'a folder a patient, with DICOM files']);
    expect(dataSet.modalities).toEqual(['t2', 'flair']);
    expect(dataSet.cases).toEqual([
      {
        id: 'anna',
        modalities: {
          t2: { path: join(folder, 'anna/x/t2'), series: '1.2.3.2' },
          flair: { path: join(folder, 'anna/x/rest'), series: '1.2.3.3' },
        },
      },
      {
        id: 'bert_ses-1',
        modalities: { flair: { path: join(folder, 'bert/early'), series: '1.9.3' } },
      },
      { id: 'bert_ses-2', modalities: { t2: { path: join(folder, 'bert/late'), series: '1.1.2' } } },
    ]);
    expect(dataSet.notes).toEqual([
      {
        severity: 'warning',
        caseId: 'anna',
        text: expect.stringMatching(
          /^t1 left out, none is sure: 4 “t1_se_tra” \(t1, low: .*contrast agent.*\)\. Name the series in a mapping file$/,
        ) as string,
      },
      {
        severity: 'warning',
        caseId: 'anna',
        text: expect.stringMatching(/^not recognised: 5 “ax” \(unknown, low: /) as string,
      },
    ]);

    const source = dataSet.cases[0]!.modalities['t2']!;
    const volume = await readVolume(source);
    expect(Array.from(volume.data.subarray(0, 14))).toEqual([
      0, 10, 20, 30, 1, 11, 21, 31, 2, 12, 22, 32, 1000, 1010,
    ]);
    expect(describeGrid(volume)).toBe('4×3×3 at 4×4×5 mm, LPS, origin 0 0 0');
    expect(describeGrid(await readVolumeGrid(source))).toBe(describeGrid(volume));

    const { cases } = await inspectDataSet(dataSet, { headersOnly: true });
    expect(cases[0]!.problems.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^t1 left out/),
      expect.stringMatching(/^not recognised/),
      'no tumour mask: where it trains, it teaches nothing of tumours',
    ]);
  });

  it('is one patient where its folders share a study', async () => {
    await writeDicomSeries(join(folder, 'a'), t2);
    await writeDicomSeries(join(folder, 'b'), flair);
    const { cases, because } = await findCases(folder);
    expect(because).toBe('DICOM series of one patient');
    expect(cases.map(({ modalities }) => Object.keys(modalities))).toEqual([['t2', 'flair']]);
  });

  it('takes what a mapping file names, and says what was there where a name fits no series or several', async () => {
    await writeDicomSeries(join(folder, 'anna'), t2);
    await writeDicomSeries(join(folder, 'anna'), t1);
    await writeDicomSeries(join(folder, 'bert'), { ...t2, study: '1.1' });
    const modalities = { t1: { folder: '{patient}', series: 'T1_*' }, t2: { folder: '{patient}' } };
    await writeFile(join(folder, 'utad-map.json'), JSON.stringify({ modalities }));
    const { cases, notes } = await findCases(folder);
    expect(cases).toEqual([
      {
        id: 'anna',
        modalities: {
          t1: { path: join(folder, 'anna'), series: '1.2.3.4' },
          t2: { path: join(folder, 'anna'), series: '1.2.3.2' },
        },
      },
      { id: 'bert', modalities: { t2: { path: join(folder, 'bert'), series: '1.1.2' } } },
    ]);
    expect(notes.map(({ caseId, text }) => `${caseId}: ${text}`)).toEqual([
      expect.stringMatching(/^bert: no series of .*bert fits “T1_\*”: 2 “t2_tse_tra” \(t2, high: /),
    ]);
  });
});

describe('a ZIP', () => {
  const at = (name: string): string => new URL(`../../test/cases/${name}`, import.meta.url).pathname;

  it('is one patient’s DICOM files', async () => {
    const { cases, layout } = await findCases(at('dicom-t1-fl2d-sag.zip'));
    expect([layout, cases.map(({ id }) => id)]).toEqual(['dicom', ['dicom-t1-fl2d-sag']]);
    const [source] = Object.values(cases[0]!.modalities);
    if (source) expect((await readVolume(source)).size).toHaveLength(3);
  });

  it('within another one, or in a folder, is named', async () => {
    const inner = new Uint8Array(await readFile(at('dicom-t1-fl2d-sag.zip')));
    await writeFile(join(folder, 'outer.zip'), zipSync({ 'inner.zip': inner }));
    const { notes } = await findCases(join(folder, 'outer.zip'));
    expect(notes.map(({ severity, text }) => `${severity}: ${text}`)).toContain(
      'error: archives within: inner.zip',
    );
    await expect(findCases(folder)).rejects.toThrow(/none of them; not used, archives, .*: outer\.zip/);
  });
});

it('names DICOM files and images that belong to no patient', async () => {
  await writeDicomSeries(join(folder, 'anna'), t2);
  await writeDicomSeries(join(folder, 'loose'), t2);
  const [name] = await readdir(join(folder, 'loose'));
  await rename(join(folder, 'loose', name!), join(folder, 'IM1'));
  await rm(join(folder, 'loose'), { recursive: true });
  await writeFile(join(folder, 'anna', 'x_adc.nii.gz'), '');
  const texts = (await findCases(folder)).notes.map(({ text }) => text);
  expect(texts).toContain('not used, DICOM files beside the patients’ folders: IM1');
  expect(texts.join()).toContain('anna/x_adc.nii.gz');
});
