import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UtadError } from '../../../base/errors.js';
import type { Volume } from '../../volume.js';
import { chooseSeries } from './choose-series.js';
import { listDicomSeries } from './dicom-files.node.js';
import { type DicomListing, listDicomFiles, listDicomZip } from './listing.js';
import { type DicomVolume, readDicomVolume } from './read-volume.js';
import { writeDicomSeries } from './write-series.js';
import { unpackZip } from './zip.js';

const folder = new URL('../../../../test/cases/', import.meta.url);
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`${name}.zip`, folder)));
const listed = (name: string): DicomListing => listDicomZip(bytesOf(name), name);

async function read(listing: DicomListing, series?: string): Promise<DicomVolume> {
  return readDicomVolume(chooseSeries(listing, 'files', series), listing.readFile);
}

async function refusalOf(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UtadError);
  return (error as UtadError).message;
}

const expectSameValues = (one: Volume, other: Volume): void => expect(one.data).toEqual(other.data);

describe('compressed pixels', () => {
  it('of lossless JPEG are all there, though the last code ends in the last byte', async () => {
    const packed = await read(listed('jpeg-lossless-last-pixel'));
    expectSameValues(packed, await read(listed('jpeg-lossless-same-uncompressed')));
    expect(packed.notes).toBeUndefined();
  });

  it('are read with a note where bytes follow their end marker', async () => {
    const { notes, data } = await read(listed('jpeg-byte-after-end-marker'));
    expect(Math.max(...data)).toBeGreaterThan(0);
    expect(notes).toEqual([
      '4 images have bytes behind the end of the compressed pixels, which were ignored: 0.dcm, 1.dcm, 2.dcm, 3.dcm',
    ]);
  });

  it.each(['el', 'ls', 'j2k'])(
    'are cut at the first end marker, also where another follows: %s',
    async (name) => {
      const volume = await read(listed(`codecs/junk-${name}`));
      expectSameValues(volume, await read(listed('codecs/uncompressed')));
      expect(volume.notes).toHaveLength(1);
    },
  );

  it.each(['htj2k', 'htj2k-rpcl'])(
    'of high-throughput JPEG 2000 equal the uncompressed: %s',
    async (name) => {
      expectSameValues(await read(listed(`codecs/${name}`)), await read(listed('codecs/uncompressed')));
    },
  );

  it.each(['el', 'ls', 'j2k'])(
    'of four frames in twelve fragments need no offset table: %s',
    async (name) => {
      expectSameValues(
        await read(listed(`codecs/fragments-${name}`)),
        await read(listed('codecs/uncompressed')),
      );
    },
  );

  it('of run lengths have no mark to divide them by', async () => {
    expect(await refusalOf(read(listed('codecs/fragments-rle')))).toMatch(
      /expected a fragment or an offset for each of 4 frames, got 12 fragments/,
    );
  });
});

describe('files without UIDs', () => {
  it('are read, and refused only where a derived series would refer to them', async () => {
    const volume = await read(listed('dicom-no-sop-instance-uid'));
    expect(volume.size).toEqual([32, 32, 4]);
    const options = {
      ...{ target: 't2', sources: ['t1'], model: 'm', codeVersion: '1', now: new Date(0) },
      randomUuid: () => '00000000-0000-4000-8000-000000000000',
    };
    expect(() => writeDicomSeries(volume, volume.origin.series, options)).toThrow(
      'series “t2_tse_tra”: expected StudyInstanceUID, SOPClassUID and SOPInstanceUID, which a derived DICOM series refers to, got images without them. Write NIfTI, or export the series with its UIDs.',
    );
  });

  it('of study and series go together by folder and description', async () => {
    const files = unpackZip(bytesOf('dicom-no-sop-instance-uid'), 'x');
    const blank = (bytes: Uint8Array): Uint8Array => {
      const copy = bytes.slice();
      // Study and series: group 0020, elements 000d and 000e.
      for (let at = 132; at + 8 < copy.length; at++) {
        const isUid =
          copy[at] === 0x20 && copy[at + 1] === 0 && (copy[at + 2] === 0x0d || copy[at + 2] === 0x0e);
        if (!isUid || copy[at + 3] !== 0 || copy[at + 4] !== 0x55 || copy[at + 5] !== 0x49) continue;
        copy.fill(0, at + 8, at + 8 + copy[at + 6]!);
      }
      return copy;
    };
    const all = new Map(
      [...files].flatMap(([name, bytes]) => [
        [`a/${name}`, blank(bytes)] as const,
        [`b/${name}`, Uint8Array.from([...blank(bytes), 0, 0])] as const,
      ]),
    );
    const { series, refused } = listDicomFiles(all);
    expect(refused).toEqual([]);
    expect(series.map(({ frames, seriesInstanceUid }) => [frames.length, seriesInstanceUid])).toEqual([
      [4, undefined],
      [4, undefined],
    ]);
  });
});

describe('an image that is there twice', () => {
  it('is read once where the files are equal, with a note', async () => {
    const path = new URL('dicom-same-file-twice/data/P1', folder).pathname;
    const listing = await listDicomSeries(path);
    const volume = await read(listing);
    expect(volume.size).toEqual([20, 20, 14]);
    expect(volume.notes).toEqual([
      '2 files are copies of others and were left out: s1/IM003.dcm, s1/IM004.dcm',
    ]);
  });

  it('is refused by name where they differ', async () => {
    const files = unpackZip(bytesOf('codecs/uncompressed'), 'x');
    const other = files.get('00.dcm')!.slice();
    other[other.length - 1]! ^= 1;
    expect(await refusalOf(read(listDicomFiles(new Map([...files, ['other.dcm', other]]))))).toMatch(
      /expected a SOPInstanceUID of its own for each image, got different images under one: 00\.dcm, other\.dcm\./,
    );
  });
});

describe('Siemens mosaics', () => {
  it('are refused by name, never taken for slices', async () => {
    const { series, refused } = listed('dicom-two-mosaics');
    expect(refused).toEqual([]);
    expect(series.map(({ plan }) => 'kind' in plan && plan.kind)).toEqual(['mosaic']);
    expect(await refusalOf(read(listed('dicom-two-mosaics')))).toBe(
      'series 5 “ep2d_diff”: expected a slice in each image, got Siemens mosaics, each a whole volume of small pictures side by side (0.dcm, 1.dcm). Convert the series to NIfTI with dcm2niix and give one of its volumes.',
    );
  });
});

describe('names of T1 series', () => {
  it.each([
    ['dicom-t1-c-minus/data-c-minus', ['t1 high']],
    ['dicom-t1-c-minus/data-prae-km', ['t1 high']],
    ['dicom-t1-c-minus/data-sem', ['t1 high']],
    ['dicom-t1-c-minus/data-both', ['t1 high', 't1ce high']],
    ['dicom-t1-fl2d/data', ['t1ce high']],
  ])('are understood: %s', async (name, expected) => {
    const { series } = await listDicomSeries(new URL(name, folder).pathname);
    expect(series.map(({ guess }) => `${guess.contrast} ${guess.confidence}`)).toEqual(expected);
  });
});
