import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { unpackZip } from './dicom/zip.js';
import { fileHeadOf } from './file-head.js';
import { formatAt } from './format-at.node.js';
import {
  endingOf,
  formatNamed,
  formatNames,
  formatOf,
  formatOfName,
  pairHalfOf,
  wholeFileEnding,
  withoutEnding,
  writtenEnding,
} from './formats.js';
import { readVolume, readVolumeFile } from './volume-file.node.js';
import { readVolumeGrid } from './volume-grid.node.js';

const golden = (path: string): string =>
  fileURLToPath(new URL(`../../../test/golden/${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'utad-formats-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

describe('a format', () => {
  it('is recognised by the first bytes of a file, whatever its name', () => {
    for (const name of readdirSync(golden('nifti')).filter((one) => /\.(nii|hdr)(\.gz)?$/.test(one)))
      expect([name, formatOf(fileHeadOf(readFileSync(golden(`nifti/${name}`))), 'x')?.name]).toEqual([
        name,
        'nifti',
      ]);
    for (const zip of readdirSync(golden('dicom')).filter((one) => one.endsWith('.zip'))) {
      const bytes = readFileSync(golden(`dicom/${zip}`));
      expect(formatOf(fileHeadOf(bytes), 'x')?.name).toBe('dicom');
      const first = [...unpackZip(bytes, zip).values()].find((one) => formatOf(fileHeadOf(one), 'x'));
      expect([zip, formatOf(fileHeadOf(first!), 'x.nii')?.name]).toEqual([zip, 'dicom']);
    }
  });

  it('is recognised by the name where the bytes do not say', () => {
    const nothing = fileHeadOf(new Uint8Array(600));
    expect(formatOf(nothing, 'a.nii.gz')?.name).toBe('nifti');
    expect(formatOf(nothing, 'a.DCM')?.name).toBe('dicom');
    expect(formatOf(nothing, 'a.txt')).toBe(undefined);
    // Packed, but broken.
    expect(formatOf(fileHeadOf(Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3)), 'a')).toBe(undefined);
  });

  it('of a path is that of its file, or of the files in its folder', async () => {
    const [series] = unpackZip(readFileSync(golden('dicom/explicit.zip')), 'x').values();
    mkdirSync(at('study/deep'), { recursive: true });
    mkdirSync(at('other'));
    writeFileSync(at('study/deep/1'), series!);
    writeFileSync(at('other/notes.txt'), 'none');
    copyFileSync(golden('nifti/qform-only.nii.gz'), at('unnamed'));
    writeFileSync(at('broken.nii'), 'none');
    writeFileSync(at('voxels.img'), series!);
    const found = [
      'study',
      'other',
      'unnamed',
      'broken.nii',
      'voxels.img',
      'other/notes.txt',
      'none.nii',
      'none',
    ];
    expect(await Promise.all(found.map((name) => formatAt(at(name))))).toEqual([
      'dicom',
      undefined,
      'nifti',
      'nifti',
      'nifti',
      undefined,
      'nifti',
      undefined,
    ]);
  });

  it('reads what its bytes say, under any name, and its grid', async () => {
    const named = await readVolumeFile(golden('nifti/qform-only.nii.gz'));
    copyFileSync(golden('nifti/qform-only.nii.gz'), at('scan.dat'));
    expect(await readVolumeFile(at('scan.dat'))).toEqual(named);
    const { size, affineVoxelToWorld } = named;
    expect(await readVolumeGrid({ path: at('scan.dat') })).toEqual({ size, affineVoxelToWorld });
    const series = await readVolume({ path: golden('dicom/explicit.zip') });
    expect(series.origin.format).toBe('dicom');
    expect(await readVolumeGrid({ path: golden('dicom/explicit.zip') })).toMatchObject({ size: series.size });
  });

  it('that writes series refuses volumes of other files', async () => {
    const volume = await readVolumeFile(golden('nifti/oblique.nii'));
    const about = {
      target: 't2',
      sources: ['t1'],
      model: 'm',
      codeVersion: '1',
      now: new Date(),
      randomUuid: () => '',
    };
    const { write } = await formatNamed('dicom').load();
    expect(() => write(volume, about)).toThrow('volume to write as DICOM: expected one of a DICOM series');
  });
});

describe('names of files', () => {
  it('end as their format says', () => {
    const endings = ['a/b.nii.gz', 'b.NII', 'b.c.hdr', 'b.img.GZ', 'b.dcm', 'b.zip', 'b.txt', 'nii', 'b.gz'];
    expect(endings.map(endingOf)).toEqual([
      ...['.nii.gz', '.nii', '.hdr', '.img.gz', '.dcm', '.zip'],
      ...[undefined, undefined, undefined],
    ]);
    expect(endings.map((name) => withoutEnding(name))).toEqual([
      ...['a/b', 'b', 'b.c', 'b', 'b', 'b', 'b.txt', 'nii', 'b.gz'],
    ]);
    expect(endings.map(wholeFileEnding)).toEqual([
      ...['.nii.gz', '.nii', undefined, undefined, undefined, undefined, undefined, undefined, undefined],
    ]);
    expect(endings.map((name) => formatOfName(name)?.name)).toEqual([
      ...['nifti', 'nifti', 'nifti', 'nifti', 'dicom', 'dicom', undefined, undefined, undefined],
    ]);
  });

  it('of written volumes end so that they are known again', () => {
    expect(formatNames.map(writtenEnding)).toEqual(['.nii.gz', '']);
    expect(wholeFileEnding(`a${writtenEnding('nifti')}`)).toBe('.nii.gz');
  });

  it('of pairs name the other half, in their own capitals', () => {
    expect(pairHalfOf('a.hdr')).toEqual({ half: 'header', others: ['a.img', 'a.img.gz', 'a.img.GZ'] });
    expect(pairHalfOf('b/A.IMG.gz')).toEqual({ half: 'voxels', others: ['b/A.HDR.gz', 'b/A.HDR'] });
    expect([pairHalfOf('a.nii'), pairHalfOf('a.gz'), pairHalfOf('hdr')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
