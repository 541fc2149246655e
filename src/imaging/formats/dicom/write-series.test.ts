import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeFolderAtomic } from '../../../base/folder.node.js';
import type { Volume } from '../../volume.js';
import { readVolumeFile, writeVolumeFile } from '../volume-file.node.js';
import type { AttributeName } from './attributes.js';
import { chooseSeries } from './choose-series.js';
import type { DataSet } from './dicom-data-set.js';
import { readDicomPath } from './dicom-files.node.js';
import { defaultDicomLimits } from './limits.js';
import { listDicomFiles } from './listing.js';
import { readPart10 } from './part10.js';
import { type DicomVolume, readDicomVolume } from './read-volume.js';
import { storePixels } from './stored-pixels.js';
import { decimalString } from './write-data-set.js';
import { uidOf, writeDicomSeries } from './write-series.js';

const golden = (name: string, series?: string): Promise<DicomVolume> =>
  readDicomPath(new URL(`../../../../test/golden/dicom/${name}.zip`, import.meta.url).pathname, series);

/** UUIDs that count, so that every identifier is another and all are known. */
function counting(): () => string {
  let count = 0;
  return () => (++count).toString(16).padStart(32, '0');
}

const options = {
  target: 't2',
  sources: ['t1'],
  model: 'student-a1b2c3',
  codeVersion: '0.1.0',
  now: new Date(2026, 0, 2, 3, 4, 5),
};

function write(volume: DicomVolume, made: Volume = volume): Map<string, Uint8Array> {
  return writeDicomSeries(made, volume.origin.series, { ...options, randomUuid: counting() });
}

function open(bytes: Uint8Array): DataSet {
  return readPart10(bytes, 'written', defaultDicomLimits).dataSet;
}

async function readBack(files: ReadonlyMap<string, Uint8Array>): Promise<DicomVolume> {
  const listing = listDicomFiles(files);
  return readDicomVolume(chooseSeries(listing, 'written'), listing.readFile);
}

const halved = (volume: DicomVolume): DicomVolume => ({
  ...volume,
  data: volume.data.map((value) => value * 0.37),
});

describe('a written series', () => {
  it.each(['explicit', 'sagittal', 'coronal', 'tilted', 'implicit', 'big-endian'])(
    'lies where its source lies and has its values: %s',
    async (name) => {
      const volume = await golden(name);
      const again = await readBack(write(volume));
      expect(again.affineVoxelToWorld).toEqual(volume.affineVoxelToWorld);
      expect(again.data).toEqual(volume.data);
    },
  );

  it('keeps values that are no whole numbers to half a step of 16 bits, and 0 exactly', async () => {
    const made = halved(await golden('explicit'));
    const { data } = await readBack(write(made));
    const step = Math.max(...made.data) / 65535;
    for (const [index, value] of made.data.entries()) {
      expect(Math.abs(data[index]! - value)).toBeLessThanOrEqual(0.501 * step);
      if (value === 0) expect(data[index]).toBe(0);
    }
  });

  it('says in every way that DICOM has that it is synthetic', async () => {
    const [bytes] = write(await golden('explicit')).values();
    const image = open(bytes!);
    expect(image.texts('ImageType')).toEqual(['DERIVED', 'SECONDARY', 'OTHER']);
    expect(image.text('SyntheticData')).toBe('YES');
    expect(image.text('SeriesDescription')).toBe('SYNTHETIC T2 from T1 (utad-net)');
    expect(image.text('DerivationDescription')).toBe(
      'T2 synthesised from T1 by a neural network (utad-net 0.1.0, model student-a1b2c3). Not acquired by a scanner.',
    );
    expect(image.text('BurnedInAnnotation')).toBe('NO');
    const [equipment] = image.items('ContributingEquipmentSequence');
    const [purpose] = equipment!.items('PurposeOfReferenceCodeSequence');
    expect(purpose!.text('CodeValue')).toBe('109100');
    expect(purpose!.text('CodingSchemeDesignator')).toBe('DCM');
    expect(purpose!.text('CodeMeaning')).toBe('Synthesizing Equipment');
    expect(equipment!.text('ManufacturerModelName')).toBe('student-a1b2c3');
    expect(equipment!.text('ContributionDateTime')).toBe('20260102030405');
  });

  it('stays in the study, patient and space of its source, as a series of its own', async () => {
    const volume = await golden('explicit');
    const files = write(volume);
    expect([...files.keys()]).toEqual(['0001.dcm', '0002.dcm', '0003.dcm', '0004.dcm', '0005.dcm']);
    const images = [...files.values()].map(open);
    const of = (name: AttributeName) => new Set(images.map((image) => image.text(name)));
    expect(of('StudyInstanceUID')).toEqual(new Set(['2.25.1234567890.1']));
    expect(of('FrameOfReferenceUID')).toEqual(new Set(['2.25.1234567890.9']));
    expect(of('PatientName')).toEqual(new Set(['Nobody^Golden']));
    expect(of('PatientID')).toEqual(new Set(['GOLDEN-1']));
    expect(of('StudyDate')).toEqual(new Set(['20240102']));
    expect(of('SeriesDate')).toEqual(new Set(['20260102']));
    expect(of('SeriesNumber')).toEqual(new Set(['1033']));
    expect(of('SeriesInstanceUID').size).toBe(1);
    expect(of('SeriesInstanceUID')).not.toEqual(new Set([volume.origin.series.seriesInstanceUid]));
    expect(of('SOPInstanceUID').size).toBe(5);
  });

  it('names the source of each slice, with its frame where it has one', async () => {
    const classic = [...write(await golden('explicit')).values()].map(open);
    const referenced = classic.map((image) => image.items('SourceImageSequence')[0]!);
    expect(referenced.map((item) => item.text('ReferencedSOPInstanceUID'))).toEqual(
      [1, 2, 3, 4, 5].map((slice) => `2.25.1234567890.1.3.${slice}`),
    );
    expect(referenced[0]!.element('ReferencedFrameNumber')).toBeUndefined();
    const enhanced = [...write(await golden('enhanced', '30.2')).values()].map(open);
    const frames = enhanced.map((image) => image.items('SourceImageSequence')[0]!);
    expect(frames.map((item) => item.number('ReferencedFrameNumber'))).toEqual([10, 8, 6, 4, 2]);
    expect(frames[0]!.text('ReferencedSOPClassUID')).toBe('1.2.840.10008.5.1.4.1.1.4.1');
    expect(enhanced[0]!.text('SOPClassUID')).toBe('1.2.840.10008.5.1.4.1.1.4');
  });

  it('follows the time zone that its source states', async () => {
    const volume = await golden('explicit');
    const zone = { tag: 0x00080201, vr: 'SH', bytes: new TextEncoder().encode('+0530 ') };
    const source = { ...volume.origin.series, copied: [...volume.origin.series.copied, zone] };
    const now = new Date(Date.UTC(2026, 0, 2, 20, 0, 0));
    const [bytes] = writeDicomSeries(volume, source, { ...options, now, randomUuid: counting() }).values();
    expect([open(bytes!).text('ContentDate'), open(bytes!).text('ContentTime')]).toEqual([
      '20260103',
      '013000',
    ]);
  });

  it('is refused on another grid and with values that are not finite', async () => {
    const volume = await golden('explicit');
    const moved = { ...volume, affineVoxelToWorld: volume.affineVoxelToWorld.with(3, 99) };
    expect(() => write(volume, moved)).toThrow(
      'volume to write as DICOM: expected the grid of the source series (16×12×5',
    );
    const broken = { ...volume, data: volume.data.with(7, Number.NaN) };
    expect(() => write(volume, broken)).toThrow(
      'volume to write as DICOM: expected finite values, got NaN at voxel 7.',
    );
  });
});

const has = (program: string): boolean => spawnSync(program, ['-h']).error === undefined;

describe('other programs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'utad-dicom-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.skipIf(!has('dcm2niix'))('dcm2niix converts a written series to what is written as NIfTI', async () => {
    const made = halved(await golden('explicit'));
    await writeFolderAtomic(join(folder, 'series'), write(made));
    await writeVolumeFile(join(folder, 'own.nii'), made);
    spawnSync('dcm2niix', ['-b', 'n', '-z', 'n', '-f', 'converted', '-o', folder, join(folder, 'series')]);
    const converted = await readVolumeFile(join(folder, 'converted.nii'));
    const own = await readVolumeFile(join(folder, 'own.nii'));
    // dcm2niix stores rows from the front to the back, which are written here from the back to the front.
    const [ni, nj, nk] = own.size;
    const step = Math.max(...own.data) / 65535;
    for (let k = 0; k < nk; k++) {
      for (let j = 0; j < nj; j++) {
        for (let i = 0; i < ni; i++) {
          const there = converted.data[i + ni * (nj - 1 - j + nj * k)]!;
          expect(Math.abs(there - own.data[i + ni * (j + nj * k)]!)).toBeLessThan(step);
        }
      }
    }
    const corner = (affine: readonly number[], [i, j, k]: readonly number[]) =>
      [0, 4, 8].map((r) => affine[r]! * i! + affine[r + 1]! * j! + affine[r + 2]! * k! + affine[r + 3]!);
    const there = corner(converted.affineVoxelToWorld, [3, nj - 1 - 2, 4]);
    for (const [axis, value] of corner(own.affineVoxelToWorld, [3, 2, 4]).entries()) {
      expect(there[axis]).toBeCloseTo(value, 4);
    }
  });

  it.skipIf(!has('dcmdump'))('dcmdump reads every element', async () => {
    const path = join(folder, 'dump');
    await writeFolderAtomic(path, write(halved(await golden('enhanced', '30.2'))));
    for (const file of readdirSync(path)) {
      const { status, stderr } = spawnSync('dcmdump', ['+E', '-q', join(path, file)], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
    }
  });
});

describe('a folder of files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'utad-dicom-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const files = new Map([['a.dcm', Uint8Array.of(1, 2)]]);

  it('is written whole, and not over another', async () => {
    const path = join(folder, 'made');
    await writeFolderAtomic(path, files);
    expect(readFileSync(join(path, 'a.dcm'))).toEqual(Buffer.of(1, 2));
    await expect(writeFolderAtomic(path, files)).rejects.toThrow(
      'made: expected a new or empty folder, got one with 1 files.',
    );
    expect(readdirSync(folder)).toEqual(['made']);
  });

  it('leaves nothing behind when it cannot be written', async () => {
    const broken = new Map([...files, ['no/such/folder.dcm', Uint8Array.of(3)]]);
    await expect(writeFolderAtomic(join(folder, 'other'), broken)).rejects.toThrow(
      'other: cannot write this file',
    );
    expect(readdirSync(folder)).toEqual(['made']);
  });
});

describe('numbers of DICOM', () => {
  it.each([
    [0.1, '0.1'],
    [-31.6816561234567, '-31.681656123457'],
    [1 / 3, '0.33333333333333'],
    [-1 / 3e7, '-3.3333333333e-8'],
    [123456789012345680, '1.2345678901e+17'],
    [12, '12'],
  ])('%d is at most 16 characters: %s', (value, text) => {
    expect(decimalString(value)).toBe(text);
    expect(text.length).toBeLessThanOrEqual(16);
  });

  it('a UUID is a UID as the standard’s example says', () => {
    expect(uidOf('f81d4fae-7dec-11d0-a765-00a0c91e6bf6')).toBe(
      '2.25.329800735698586629295641978511506172918',
    );
  });

  it('whole numbers are stored as they are, negative ones signed, others by a slope', () => {
    expect(storePixels(Float32Array.of(0, 7, 65535))).toMatchObject({
      stored: Uint16Array.of(0, 7, 65535),
      signed: false,
      slope: 1,
    });
    expect(storePixels(Float32Array.of(-5, 300)).stored).toEqual(Int16Array.of(-5, 300));
    const { stored, slope } = storePixels(Float32Array.of(0, 0.2, 0.5));
    expect([...stored]).toEqual([0, 26214, 65535]);
    expect(slope).toBeCloseTo(0.5 / 65535, 13);
    expect(storePixels(Float32Array.of(0, 100_000)).slope).toBeCloseTo(100_000 / 65535, 6);
  });
});
