import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseByContrast, chooseSeries } from './choose-series.js';
import { isDicomPath, listDicomSeries, readDicomPath } from './dicom-files.node.js';
import { attribute, encodeDataSet } from './write-data-set.js';
import { unpackZip } from './zip.js';

const golden = (name: string): string =>
  new URL(`../../../../test/golden/dicom/${name}.zip`, import.meta.url).pathname;

const folder = mkdtempSync(join(tmpdir(), 'utad-dicom-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function unpack(name: string, into: string): Promise<void> {
  mkdirSync(join(folder, into), { recursive: true });
  for (const [file, bytes] of unpackZip(new Uint8Array(await readFile(golden(name))), name))
    writeFileSync(join(folder, into, file), bytes);
}

beforeAll(async () => {
  await unpack('explicit', 'study/t2/deep');
  await unpack('sagittal', 'study/without-names');
  writeFileSync(join(folder, 'study/notes.txt'), 'bring slippers');
  const meta = (uid: string) =>
    encodeDataSet([
      attribute('TransferSyntaxUID', '1.2.840.10008.1.2.1'),
      attribute('MediaStorageSOPClassUID', uid),
    ]);
  const report = [
    new Uint8Array(128),
    new TextEncoder().encode('DICM'),
    meta('1.2'),
    encodeDataSet([attribute('SOPClassUID', '1.2.840.10008.1.3.10')]),
  ];
  writeFileSync(join(folder, 'study/DICOMDIR'), Buffer.concat(report));
  mkdirSync(join(folder, 'empty'));
  symlinkSync(folder, join(folder, 'study/loop'));
});

describe('a folder of DICOM', () => {
  it('lists its series from all folders below, and what it left out; links are not followed', async () => {
    const { series, leftOut, refused } = await listDicomSeries(join(folder, 'study'));
    expect(series.map(({ name, description, frames }) => [name, description, frames[0]!.file])).toEqual([
      ['3', 't2_tse_tra', 't2/deep/c.dcm'],
      ['12', 't2_sag', 'without-names/c.dcm'],
    ]);
    expect(leftOut).toEqual(['DICOMDIR', 'notes.txt']);
    expect(refused).toEqual([]);
  });

  it('is read by the series’ number, UID or description', async () => {
    for (const wanted of ['12', 't2_sag', '2.25.1234567890.1.12']) {
      const volume = await readDicomPath(join(folder, 'study'), wanted);
      expect(volume.origin.series.seriesDescription).toBe('t2_sag');
    }
  });

  it('asks which series is meant, saying what there is', async () => {
    await expect(readDicomPath(join(folder, 'study'))).rejects.toThrow(
      'study: expected one series, got 2 of: series 3 “t2_tse_tra”, 16×12×5, t2 (high); ' +
        'series 12 “t2_sag”, 16×12×5, t2 (high). Name one by its number.',
    );
    await expect(readDicomPath(join(folder, 'study'), '4')).rejects.toThrow(
      'expected one series “4”, got 0 of: series 3',
    );
    await expect(readDicomPath(join(folder, 'empty'))).rejects.toThrow(
      'empty: expected DICOM images, got none.',
    );
    await expect(readDicomPath(join(folder, 'nowhere'))).rejects.toThrow(
      'nowhere: expected a folder, a ZIP or a DICOM file',
    );
  });

  it('gives a contrast only where one series surely shows it', async () => {
    const both = await listDicomSeries(join(folder, 'study'));
    expect(() => chooseByContrast(both, 'study', 't2')).toThrow(
      'expected one series that is surely t2, got series 3',
    );
    expect(() => chooseByContrast(both, 'study', 't1')).toThrow(
      'got none that looks like it among: series 3',
    );
    const one = await listDicomSeries(join(folder, 'study/t2'));
    expect(chooseByContrast(one, 't2', 't2').name).toBe('3');
  });

  it('is known from other folders, as ZIPs and single files are', async () => {
    const known = ['study', 'study/t2/deep/a.dcm', 'empty', 'study/notes.txt', 'nowhere'];
    expect(await Promise.all(known.map((path) => isDicomPath(join(folder, path))))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(await isDicomPath(golden('explicit'))).toBe(true);
  });

  it('gives the same volume as its ZIP, and a single multi-frame file as well', async () => {
    const one = await readDicomPath(join(folder, 'study/t2'));
    expect(await readDicomPath(golden('explicit'))).toEqual(one);
    await unpack('enhanced', 'single');
    const listing = await listDicomSeries(join(folder, 'single/enhanced.dcm'));
    expect(chooseSeries(listing, 'single', '30.2').frames).toHaveLength(5);
  });

  it('is held to the limit on files', async () => {
    await expect(listDicomSeries(join(folder, 'study'), { files: 5 })).rejects.toThrow(
      'expected at most 5 files, got more',
    );
  });
});
