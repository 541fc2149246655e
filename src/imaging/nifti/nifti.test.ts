import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { lpsAffine, noise, smoothHead } from '../../../test/fixtures/volumes.js';
import { axisCodes, spacingOf } from '../geometry.js';
import type { Volume } from '../volume.js';
import { decodeHeader, encodeHeader, headerTable } from './header.js';
import { readNifti } from './read.js';
import { writeNifti } from './write.js';

interface Facts {
  readonly shape: readonly number[];
  readonly affine: readonly number[];
  readonly codes: string;
  readonly zooms: readonly number[];
  readonly data: readonly number[];
}
const golden = new URL('../../../test/golden/nifti/', import.meta.url);
const facts = JSON.parse(readFileSync(new URL('facts.json', golden), 'utf8')) as Record<string, Facts>;
const file = (name: string): Uint8Array => readFileSync(new URL(name, golden));
const names = readdirSync(golden).filter((name) => name.includes('.nii'));

/** A copy of a file with one header field changed. */
function withField(bytes: Uint8Array, name: string, value: number, index = 0): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const field = headerTable.find((row) => row.name === name)!;
  if (field.type === 'int16') view.setInt16(field.offset + 2 * index, value, true);
  else if (field.type === 'float32') view.setFloat32(field.offset + 4 * index, value, true);
  else if (field.type === 'int32') view.setInt32(field.offset, value, true);
  return copy;
}
const plain = (): Uint8Array => new Uint8Array(file('oblique.nii'));

describe('readNifti agrees with nibabel', () => {
  it.each(names)('on %s', (name) => {
    const volume = readNifti(file(name), name);
    const expected = facts[name]!;
    expect(volume.size).toEqual(expected.shape);
    // Quaternions are stored in single precision: equal to about seven digits of the largest entry.
    volume.affineVoxelToWorld.forEach((value, i) => {
      expect(Math.abs(value - expected.affine[i]!)).toBeLessThan(1e-6 * 100);
    });
    expect(axisCodes(volume.affineVoxelToWorld)).toBe(expected.codes);
    spacingOf(volume.affineVoxelToWorld).forEach((value, i) => {
      expect(value).toBeCloseTo(expected.zooms[i]!, 5);
    });
    expect(Array.from(volume.data)).toEqual(expected.data.map(Math.fround));
  });

  it('takes a fourth axis of size 1', () => {
    const volume = readNifti(withField(plain(), 'dim', 4), 'series of one');
    expect(volume.size).toEqual([4, 3, 2]);
  });

  it('covers both byte orders, packing, scaling and every form of geometry', () => {
    expect(names).toEqual(
      expect.arrayContaining([
        'big-endian.nii',
        'scaled.nii',
        'qform-only.nii.gz',
        'left-handed.nii',
        'no-forms.nii',
      ]),
    );
  });
});

describe('readNifti refuses', () => {
  const read = (bytes: Uint8Array) => () => readNifti(bytes, 'scan.nii');

  it.each<[string, () => Uint8Array, RegExp]>([
    ['an empty file', () => new Uint8Array(), /scan\.nii: expected a NIfTI-1 image.*got an empty file/],
    ['another kind of file', () => new Uint8Array(4000).fill(7), /got something else/],
    ['DICOM', () => new Uint8Array(400).map((_, i) => 'DICM'.charCodeAt(i - 128) || 0), /got a DICOM file/],
    ['NIfTI-2', () => withField(plain(), 'sizeofHdr', 540), /got NIfTI-2/],
    ['Analyze', () => plain().fill(0, 344, 348), /Analyze 7\.5/],
    ['a pair of files', () => plain().fill(105, 345, 346), /\.hdr\/\.img pair/],
    [
      'a file cut in the voxels',
      () => plain().subarray(0, 380),
      /expected 400 bytes for 4×3×2 voxels of int16, got 380/,
    ],
    ['a file cut in the header', () => plain().subarray(0, 100), /only 100 bytes/],
    ['a flat image', () => withField(plain(), 'dim', 2), /an image of 4×3\./],
    [
      'a series',
      () => withField(withField(plain(), 'dim', 4), 'dim', 5, 4),
      /a series of 4×3×2×5\. Pick one/,
    ],
    ['no voxels', () => withField(plain(), 'dim', 0, 2), /dim 3 4 0 2/],
    ['a broken number of axes', () => withField(plain(), 'dim', 99), /dim 99/],
    ['colours', () => withField(plain(), 'datatype', 128), /type 128 \(RGB colour\)/],
    ['a broken offset', () => withField(plain(), 'voxOffset', Number.NaN), /vox_offset NaN/],
    ['zero axes', () => plain().fill(0, 280, 328), /sform that maps voxels to millimetres/],
    [
      'a scale without offset',
      () => withField(withField(plain(), 'sclSlope', 2), 'sclInter', Number.NaN),
      /scl_inter/,
    ],
    [
      'an absurd size',
      () => {
        const bytes = [1, 2, 3].reduce((b, axis) => withField(b, 'dim', 32767, axis), plain());
        return bytes;
      },
      /at most 268435456 voxels/,
    ],
  ])('%s', (_, make, message) => {
    expect(read(make())).toThrow(message);
  });

  it('a gzip stream that is cut, flipped or has a wrong checksum', () => {
    const packed = gzipSync(
      writeNifti(
        {
          data: noise([20, 20, 20], 1),
          size: [20, 20, 20],
          affineVoxelToWorld: lpsAffine([1, 1, 1], [20, 20, 20]),
        },
        { gzip: false },
      ),
    );
    expect(read(packed.subarray(0, packed.length >> 1))).toThrow(/whole gzip file/);
    const flipped = packed.slice();
    flipped[packed.length >> 1]! ^= 0x10;
    expect(read(flipped)).toThrow(/whole gzip file/);
    const sum = packed.slice();
    sum[packed.length - 6]! ^= 1;
    expect(read(sum)).toThrow(/checksum is wrong/);
  });

  it('a small packed file that promises gigabytes, before allocating them', () => {
    const bomb = [1, 2, 3].reduce((bytes, axis) => withField(bytes, 'dim', 640, axis), plain());
    expect(read(gzipSync(bomb))).toThrow(/cannot hold the 524288352 that the header promises/);
  });
});

describe('gzip', () => {
  it('is unpacked no further than the header promises, give or take a little', () => {
    const bomb = new Uint8Array(20_000_000);
    bomb.set(plain());
    expect(() => readNifti(gzipSync(bomb), 'bomb.nii.gz')).toThrow(
      /more than the 400 bytes that the header promises/,
    );
    const padded = readNifti(gzipSync(bomb.subarray(0, 1000)), 'padded.nii.gz');
    expect(Array.from(padded.data)).toEqual(facts['oblique.nii']!.data.map(Math.fround));
  });
});

describe('writeNifti', () => {
  it.each(names)('keeps grid, affine, codes and units of %s number for number', (name) => {
    const source = readNifti(file(name), name);
    const again = readNifti(writeNifti(source, { gzip: true }), 'again');
    expect(again.size).toEqual(source.size);
    expect(again.affineVoxelToWorld).toEqual(source.affineVoxelToWorld);
    expect({ ...again.nifti, voxelType: 0 }).toEqual({ ...source.nifti, voxelType: 0 });
    expect(again.data).toEqual(source.data);
  });

  it('passes on no text of the source and no time of writing', () => {
    const bytes = plain();
    bytes.fill(65, 148, 252);
    bytes.fill(66, 14, 32);
    bytes.fill(67, 328, 344);
    const written = writeNifti(readNifti(bytes, 'x'), { gzip: false });
    const header = decodeHeader(written, true);
    expect([header.descrip, header.auxFile, header.dbName, header.intentName]).toEqual([
      'utad-net synthetic',
      '',
      '',
      '',
    ]);
    const packed = writeNifti(readNifti(bytes, 'x'), { gzip: true });
    expect(Array.from(packed.subarray(3, 8))).toEqual([0, 0, 0, 0, 0]);
  });

  it('writes an sform when the volume has left its source grid', () => {
    const source = readNifti(file('qform-only.nii.gz'), 'q');
    const affine = [2, 0, 0, 5, 0, 2, 0, 6, 0, 0, 2, 7, 0, 0, 0, 1];
    const again = readNifti(writeNifti({ ...source, affineVoxelToWorld: affine }, { gzip: false }), 'again');
    expect(again.affineVoxelToWorld).toEqual(affine);
    expect(again.nifti!.qformCode).toBe(0);
    expect(again.nifti!.pixdim).toEqual([2, 2, 2]);
  });

  it('rounds to whole numbers and refuses those out of range', () => {
    const volume: Volume = { ...smoothHead([2, 1, 1], [1, 1, 1]), data: Float32Array.of(1.6, 255.4) };
    expect(Array.from(readNifti(writeNifti(volume, { gzip: false, datatype: 'uint8' }), 'x').data)).toEqual([
      2, 255,
    ]);
    const tooBig: Volume = { ...volume, data: Float32Array.of(0, 300) };
    expect(() => writeNifti(tooBig, { gzip: false, datatype: 'uint8' })).toThrow(
      /values from 0 to 255 for uint8, got 300/,
    );
    const broken: Volume = { ...volume, data: Float32Array.of(Number.NaN, 0) };
    expect(() => writeNifti(broken, { gzip: false, datatype: 'int16' })).toThrow(/got NaN/);
  });
});

describe('the header table', () => {
  const width = { uint8: 1, int16: 2, int32: 4, float32: 4, text: 1 };

  it('covers all 348 bytes without gap or overlap', () => {
    let end = 0;
    for (const row of headerTable) {
      expect(row.offset).toBe(end);
      end += width[row.type] * ('count' in row ? row.count : 1);
    }
    expect(end).toBe(348);
  });

  it('reads back what it writes', () => {
    const header = decodeHeader(plain(), true);
    expect(encodeHeader(header)).toEqual(plain().slice(0, 348));
  });
});
