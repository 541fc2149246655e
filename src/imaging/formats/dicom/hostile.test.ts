import { readFileSync } from 'node:fs';
import { deflateSync, strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { UtadError } from '../../../base/errors.js';
import { createRandom } from '../../../base/random.js';
import { chooseSeries } from './choose-series.js';
import type { DicomLimits } from './limits.js';
import { listDicomFiles } from './listing.js';
import { readDicomInstance } from './read-instance.js';
import { readDicomVolume } from './read-volume.js';
import { attribute, encodeDataSet, sequence, type WritableElement } from './write-data-set.js';
import { openZip, unpackZip } from './zip.js';

function golden(name: string): Map<string, Uint8Array> {
  const path = new URL(`../../../../test/golden/dicom/${name}.zip`, import.meta.url);
  return unpackZip(new Uint8Array(readFileSync(path)), name);
}

const slice = (): Uint8Array => golden('explicit').get('a.dcm')!.slice();

/** Replaces the first place where a text stands by another of the same length. */
function replaced(bytes: Uint8Array, text: string, other: string): Uint8Array {
  const latin = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  expect(latin).toContain(text);
  expect(other).toHaveLength(text.length);
  return Uint8Array.from(
    latin.replace(text, () => other),
    (letter) => letter.charCodeAt(0),
  );
}

function messageOf(bytes: Uint8Array, limits: Partial<DicomLimits> = {}): string {
  try {
    readDicomInstance(bytes, 'x.dcm', limits);
  } catch (error) {
    expect(error).toBeInstanceOf(UtadError);
    return (error as UtadError).message;
  }
  return 'read';
}

/** A bare explicit data set of sequences inside each other. */
function nested(depth: number): Uint8Array {
  let items: WritableElement[] = [attribute('StackID', '1')];
  for (let level = 0; level < depth; level++) items = [sequence('SourceImageSequence', [items])];
  return encodeDataSet([attribute('SOPClassUID', '1.2.3'), ...items]);
}

describe('a ZIP that lies', () => {
  const packed = zipSync({ 'a.dcm': new Uint8Array(2 ** 22) });
  const patched = (edit: (view: DataView, directory: number) => void): Uint8Array => {
    const bytes = packed.slice();
    const view = new DataView(bytes.buffer);
    edit(view, view.getUint32(bytes.length - 6, true));
    return bytes;
  };

  it('about the size of an entry is refused before more is unpacked', () => {
    const lying = patched((view, directory) => view.setUint32(directory + 24, 10, true));
    expect(() => openZip(lying, 'x.zip').read('a.dcm')).toThrow(
      'x.zip, a.dcm: expected 10 bytes, as the ZIP says, got an entry that unpacks to more.',
    );
  });

  it('by entries that share their bytes is refused', () => {
    const two = zipSync({ 'a.dcm': new Uint8Array(1000), 'b.dcm': new Uint8Array(1000) });
    const view = new DataView(two.buffer);
    const directory = view.getUint32(two.length - 6, true);
    view.setUint32(directory + 46 + 5 + 42, 0, true);
    expect(() => openZip(two, 'x.zip')).toThrow('a.dcm and b.dcm in the same bytes');
  });
});

describe('texts of a DICOM file', () => {
  it('are written out where they would act on a terminal', () => {
    const instance = readDicomInstance(replaced(slice(), 't2_tse_tra', '\u001b]0;xy\u0007tse'), 'x.dcm');
    expect(instance?.facts.seriesDescription).toBe('\\u{1b}]0;xy\\u{7}tse');
  });
});

describe('a broken DICOM file', () => {
  it.each<readonly [string, () => Uint8Array, string]>([
    [
      'nothing',
      () => new Uint8Array(0),
      'x.dcm: expected a DICOM file, got an empty file. Leave the file out.',
    ],
    [
      'a text',
      () => strToU8('Dear colleague, please find enclosed'),
      'expected a DICOM file, got something else',
    ],
    [
      'a mark and no more',
      () => slice().subarray(0, 132),
      'expected a TransferSyntaxUID in the file meta information, got none',
    ],
    [
      'a length beyond the file',
      () => replaced(slice(), 'LO\x0a\x00t2_tse_tra', 'LO\xff\xfft2_tse_tra'),
      'expected 65535 bytes of SeriesDescription (0008,103E) at byte 174, got 910: the file is cut off or the length is wrong.',
    ],
    ['pixels cut off', () => slice().subarray(0, -10), 'expected 384 bytes of PixelData (7FE0,0010) at byte'],
    [
      'a position that is no number',
      () => replaced(slice(), '-31.681656', 'nan       '),
      'expected finite numbers in ImagePositionPatient, got NaN',
    ],
    [
      'an infinite position',
      () => replaced(slice(), '-31.681656', '-1e9999999'),
      'expected finite numbers in ImagePositionPatient, got -Infinity',
    ],
    [
      'another transfer syntax',
      () => replaced(slice(), '1.2.840.10008.1.2.1\0', '1.2.840.113619.5.2\0\0'),
      'got GE private, implicit VR with big-endian pixels (1.2.840.113619.5.2). Unpack the files with gdcmconv --raw.',
    ],
    [
      'no rows',
      () => replaced(slice(), '\x28\0\x10\0US\x02\0\x0c\0', '\x28\0\x10\0US\x02\0\0\0'),
      'got Rows 0, Columns 16',
    ],
    [
      'an unknown representation',
      () => replaced(slice(), 'LO\x0a\x00t2_tse_tra', '!!\x0a\x00t2_tse_tra'),
      'expected a value representation at SeriesDescription (0008,103E), byte 166, got "!!"',
    ],
    [
      'sequences 17 deep',
      () => nested(17),
      'expected sequences nested at most 16 deep, got SourceImageSequence (0008,2112) deeper',
    ],
  ])('is refused in one sentence: %s', (_, bytes, message) => {
    expect(messageOf(bytes())).toContain(message);
  });

  it('is held to the limits on elements, bytes and frames', () => {
    expect(messageOf(slice(), { elements: 20 })).toContain('expected at most 20 data elements, got more');
    expect(messageOf(slice(), { fileBytes: 1000 })).toContain('expected at most 1000 bytes, got more');
    const enhanced = golden('enhanced').get('enhanced.dcm')!;
    expect(messageOf(enhanced, { frames: 9 })).toContain('expected 1 to 9 frames, got 10');
  });

  it('is refused where it says more pixels than it has', () => {
    const rows = '\x28\0\x10\0US\x02\0\x0c\0';
    expect(messageOf(replaced(slice(), rows, rows.replace('\x0c\0', '\xff\xff')))).toContain(
      'expected 2097120 bytes of pixels, got 384: the pixels are cut off',
    );
  });

  it('is refused where a short text is long', () => {
    const long = new Uint8Array(70_000).fill(0x5c);
    const image = encodeDataSet([
      attribute('SOPClassUID', '1.2.3'),
      attribute('SOPInstanceUID', '1.2.4'),
      ...[attribute('Rows', 1), attribute('Columns', 1), attribute('BitsAllocated', 16)],
      { tag: 0x00200032, vr: 'UT', bytes: long },
      attribute('PixelData', new Uint8Array(2)),
    ]);
    expect(messageOf(image)).toContain('expected at most 65536 bytes in ImagePositionPatient, got 70000');
  });

  it('with all its frames counts against one limit', () => {
    const enhanced = golden('enhanced').get('enhanced.dcm')!;
    const files = new Map([...'abc'].map((name) => [name, enhanced]));
    expect(() => listDicomFiles(files, { frames: 29 })).toThrow(
      'c: expected at most 29 frames in all files together, got more.',
    );
  });

  it('never inflates beyond the limit', () => {
    const deflated = golden('deflated').get('a.dcm')!;
    const end = 144 + new DataView(deflated.buffer, deflated.byteOffset).getUint32(140, true);
    const bomb = new Uint8Array([...deflated.subarray(0, end), ...deflateSync(new Uint8Array(2 ** 24))]);
    expect(messageOf(bomb, { fileBytes: 2 ** 20 })).toContain('expected at most 1048576 bytes, got more');
  });

  it('does not end the listing of the others, but the reading of a series among them', () => {
    const files = golden('explicit')
      .set('broken.dcm', slice().subarray(0, -10))
      .set('letter.txt', strToU8('Dear'));
    const listing = listDicomFiles(files);
    expect(listing.series.map(({ frames }) => frames.length)).toEqual([5]);
    expect(listing.leftOut).toEqual(['letter.txt']);
    expect(listing.refused.map(({ file }) => file)).toEqual(['broken.dcm']);
    expect(() => chooseSeries(listing, 'here')).toThrow('broken.dcm: expected 384 bytes of PixelData');
  });

  it('is not read beyond the limit on voxels', async () => {
    const listing = listDicomFiles(golden('explicit'));
    const reading = readDicomVolume(listing.series[0]!, listing.readFile, { limits: { voxels: 900 } });
    await expect(reading).rejects.toThrow('series 3 “t2_tse_tra”: expected at most 900 voxels, got 16×12×5.');
  });

  it.each([
    ['rle', 'expected 192 pixels in RLE segment'],
    ['jpeg-2000', 'data that end before: the file is cut off'],
    ['jpeg-ls', 'data that end before: the file is cut off'],
    ['jpeg-lossless', 'data that end before: the file is cut off'],
    ['jpeg-baseline', 'data that end before: the file is cut off'],
    ['jpeg-extended-12', 'data that end before: the file is cut off'],
  ])('with the end of its compressed pixels blanked is refused: %s', async (name, message) => {
    const files = golden(name);
    // The last fragment lies before the 8 bytes of the sequence's end.
    for (const bytes of files.values()) bytes.fill(0, bytes.length - 8 - 60, bytes.length - 8);
    const listing = listDicomFiles(files);
    const reading = readDicomVolume(listing.series[0]!, listing.readFile);
    await expect(reading).rejects.toThrow(message);
  });

  it.each([
    'explicit',
    'big-endian',
    'rle',
    'jpeg-2000',
    'jpeg-ls',
    'jpeg-lossless',
    'jpeg-baseline',
    'jpeg-extended-12',
    'enhanced-jpeg-ls',
  ])('with any bytes changed is read or refused, never anything else: %s', async (name) => {
    const random = createRandom('hostile', name);
    for (let round = 0; round < 40; round++) {
      const files = golden(name);
      for (const bytes of files.values()) {
        const changes = 1 + random.integer(4);
        for (let change = 0; change < changes; change++)
          bytes[132 + random.integer(bytes.length - 132)] = random.integer(256);
      }
      const listing = listDicomFiles(files, { voxels: 2 ** 22 });
      for (const series of listing.series) {
        const result = await readDicomVolume(series, listing.readFile, { limits: { voxels: 2 ** 22 } }).catch(
          (error: unknown) => error,
        );
        if (result instanceof Error) expect(result).toBeInstanceOf(UtadError);
      }
    }
  });
});

describe('a hostile ZIP', () => {
  const zip = (names: readonly string[], bytes = strToU8('x')): Uint8Array =>
    zipSync(Object.fromEntries(names.map((name) => [name, bytes])));

  it.each(['../a.dcm', 'a/../../b.dcm', '/etc/a.dcm', 'C:\\a.dcm', '..\\a.dcm'])(
    'that climbs out is refused: %s',
    (name) => {
      expect(() => openZip(zip([name]), 'x.zip')).toThrow(
        `x.zip: expected entries that stay inside the archive, got ${JSON.stringify(name)}. Do not trust this ZIP`,
      );
    },
  );

  it('is held to the limits before anything is unpacked', () => {
    expect(() => openZip(zip(['a', 'b', 'c']), 'x.zip', { files: 2 })).toThrow(
      'expected at most 2 entries, got more',
    );
    const bomb = zip(['a', 'b', 'c'], new Uint8Array(2 ** 20));
    expect(() => openZip(bomb, 'x.zip', { fileBytes: 2 ** 19 })).toThrow(
      'entries of at most 524288 bytes, got more',
    );
    expect(() => openZip(bomb, 'x.zip', { unpackedBytes: 2 ** 21 })).toThrow(
      'at most 2097152 bytes unpacked, got more',
    );
  });

  it('that promises less than it holds is refused', () => {
    const bomb = zip(['a'], new Uint8Array(2 ** 20));
    const view = new DataView(bomb.buffer);
    const directory = view.getUint32(bomb.length - 6, true);
    view.setUint32(directory + 24, 100, true);
    expect(() => openZip(bomb, 'x.zip').read('a')).toThrow(
      'x.zip, a: expected 100 bytes, as the ZIP says, got an entry that unpacks to more',
    );
  });

  it('with a changed byte is refused', () => {
    const changed = zipSync({ a: strToU8('some words') }, { level: 0 });
    changed[35]! ^= 1;
    expect(() => openZip(changed, 'x.zip').read('a')).toThrow(
      'x.zip, a: expected 10 bytes with the right checksum',
    );
  });

  it('that is cut off is refused', () => {
    expect(() => openZip(zip(['a']).subarray(0, -30), 'x.zip')).toThrow(
      'x.zip: expected a whole ZIP, got one that is broken or cut off',
    );
  });
});
