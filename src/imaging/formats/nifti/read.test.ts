import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import {
  goldenBytes,
  niftiFacts,
  niftiNames,
  readGolden,
  withField,
} from '../../../../test/fixtures/nifti-golden.js';
import { lpsAffine, noise } from '../../../../test/fixtures/volumes.js';
import { axisCodes, spacingOf } from '../../geometry.js';
import { noOrigin } from '../../volume.js';
import { readNifti } from './read.js';
import { unreadVoxelTypes } from './voxel-types.js';
import { writeNifti } from './write.js';

const plain = (): Uint8Array => goldenBytes('oblique.nii');
const plain2 = (): Uint8Array => goldenBytes('v2-qform-only.nii');
const sizes = niftiNames.map((name) => [name, niftiFacts[name]!.shape] as const);
const volumesIn = (shape: readonly number[]): number => shape.slice(3).reduce((a, b) => a * b, 1);

describe('readNifti agrees with nibabel', () => {
  it.each(sizes)('on every volume of %s, %j', (name, shape) => {
    const expected = niftiFacts[name]!;
    const count = volumesIn(shape);
    for (let volumeIndex = 0; volumeIndex < count; volumeIndex++) {
      const volume = readGolden(name, count > 1 ? { volumeIndex } : {});
      expect(volume.size).toEqual(shape.slice(0, 3));
      // Quaternions may be stored in single precision: equal to about seven digits of the largest entry.
      volume.affineVoxelToWorld.forEach((value, i) => {
        expect(Math.abs(value - expected.affine[i]!)).toBeLessThan(1e-6 * 100);
      });
      expect(axisCodes(volume.affineVoxelToWorld)).toBe(expected.codes);
      spacingOf(volume.affineVoxelToWorld).forEach((value, i) => {
        expect(value).toBeCloseTo(expected.zooms[i]!, 5);
      });
      const { version, qformCode, units, dimInfo, voxelType } = expected;
      expect(volume.origin.header).toMatchObject({ version, qformCode, units, dimInfo, voxelType });
      const each = expected.data.length / count;
      const data = expected.data.slice(volumeIndex * each, (volumeIndex + 1) * each);
      expect(Array.from(volume.data)).toEqual(data.map(Math.fround));
    }
  });

  it('and the files cover every voxel type in both byte orders and versions', () => {
    const typed = niftiNames.filter((name) => /^v[12]-(little|big)-u?(int|float)\d+\.nii$/.test(name));
    expect(typed).toHaveLength(40);
    expect(new Set(typed.map((name) => niftiFacts[name]!.voxelType)).size).toBe(10);
  });
});

describe('readNifti', () => {
  it('takes a rotation whose quaternion is longer than 1 by rounding, and no more', () => {
    const turned = (d: number): Uint8Array => withField(goldenBytes('half-turn.nii'), 'quaternD', d);
    expect(readNifti(turned(1 + 2 ** -23), 'x').affineVoxelToWorld.slice(0, 2)).toEqual([-1, 0]);
    expect(() => readNifti(turned(1.001), 'x')).toThrow(/quaternion has at most unit length/);
    expect(() => readNifti(turned(Number.NaN), 'x')).toThrow(/quaternion has at most unit length/);
  });

  it('gives millimetres where the file has metres or micrometres', () => {
    const affine = readNifti(plain(), 'x').affineVoxelToWorld;
    const metres = readNifti(withField(plain(), 'xyztUnits', 1), 'x').affineVoxelToWorld;
    expect(metres.slice(0, 12)).toEqual(affine.slice(0, 12).map((value) => value * 1000));
    const micrometres = readNifti(withField(plain(), 'xyztUnits', 3 + 16), 'x').affineVoxelToWorld;
    expect(micrometres.slice(0, 12)).toEqual(affine.slice(0, 12).map((value) => value * 0.001));
    expect(micrometres.slice(12)).toEqual([0, 0, 0, 1]);
  });

  it('finds a chosen volume of a packed series without holding the others', () => {
    const series = gzipSync(goldenBytes('series.nii'));
    const data = readNifti(series, 'x', { volumeIndex: 2 }).data;
    expect(Array.from(data)).toEqual(niftiFacts['series.nii']!.data.slice(48).map(Math.fround));
  });

  it('reads a file that ends its header at 348 bytes, without room for extensions', () => {
    const bytes = plain();
    const short = new Uint8Array([...bytes.subarray(0, 348), ...bytes.subarray(352)]);
    expect(readNifti(withField(short, 'voxOffset', 348), 'x').data).toEqual(readNifti(bytes, 'x').data);
  });

  it('passes on voxels that are not finite', () => {
    const bytes = goldenBytes('v1-little-float32.nii');
    new DataView(bytes.buffer).setFloat32(352, Number.NaN, true);
    expect(readNifti(bytes, 'x').data[0]).toBeNaN();
  });
});

describe('readNifti refuses', () => {
  it.each<[string, () => Uint8Array, RegExp]>([
    ['an empty file', () => new Uint8Array(), /scan\.nii: expected a NIfTI image.*got an empty file/],
    ['another kind of file', () => new Uint8Array(4000).fill(7), /got something else/],
    ['DICOM', () => new Uint8Array(400).map((_, i) => 'DICM'.charCodeAt(i - 128) || 0), /got a DICOM file/],
    ['Analyze', () => plain().fill(0, 344, 348), /Analyze 7\.5/],
    ['NIfTI-2 without its mark', () => plain2().fill(0, 4, 12), /540 bytes without the NIfTI-2 mark/],
    ['changed line ends', () => plain2().fill(10, 8, 9), /0D 0A 1A 0A after the magic.*binary mode/],
    ['half a pair', () => goldenBytes('pair.hdr'), /the \.hdr of a \.hdr\/\.img pair.*put its \.img beside/],
    [
      'a file cut in the voxels',
      () => plain().subarray(0, 380),
      /expected 400 bytes for 4×3×2 voxels of int16, got 380/,
    ],
    ['a file cut in the header', () => plain().subarray(0, 100), /only 100 bytes/],
    ['a NIfTI-2 file cut in the header', () => plain2().subarray(0, 400), /only 400 bytes/],
    ['a flat image', () => withField(plain(), 'dim', 2), /an image of 4×3\./],
    ['no voxels', () => withField(plain(), 'dim', 0, 2), /dim 3 4 0 2/],
    ['a negative size', () => withField(plain2(), 'dim', -7, 3), /dim 3 4 3 -7/],
    ['a broken number of axes', () => withField(plain(), 'dim', 99), /dim 99/],
    ['a negative offset', () => withField(plain2(), 'voxOffset', -1), /vox_offset -1/],
    ['an offset in the header', () => withField(plain(), 'voxOffset', 0), /start at byte 352.*vox_offset 0/],
    ['an offset that is no number', () => withField(plain(), 'voxOffset', Number.NaN), /vox_offset NaN/],
    ['an offset beyond all', () => withField(plain(), 'voxOffset', 1e30), /vox_offset 1\.0000/],
    ['an offset beyond the end', () => withField(plain(), 'voxOffset', 416), /expected 464 bytes.*got 400/],
    ['an empty sform', () => plain().fill(0, 280, 328), /sform that maps voxels to millimetres/],
    ['an endless sform', () => withField(plain(), 'srowX', Number.POSITIVE_INFINITY), /got sform Infinity/],
    ['an sform of huge axes', () => withField(plain(), 'srowX', 1e30), /lie outside 0\.0001 to 10000 mm/],
    ['a broken origin', () => withField(goldenBytes('half-turn.nii'), 'qoffsetY', Number.NaN), /got qform/],
    ['broken spacing', () => withField(goldenBytes('no-forms.nii'), 'pixdim', Number.NaN, 2), /got pixdim/],
    [
      'a scale without offset',
      () => withField(withField(plain(), 'sclSlope', 2), 'sclInter', Number.NaN),
      /finite scl_inter beside scl_slope, got slope 2, inter NaN/,
    ],
    [
      'a header that asks for 18 GB',
      () => withField(withField(plain2(), 'dim', 1_500_000_000, 1), 'datatype', 16),
      /at most 268435456 voxels, got 1500000000×3×2/,
    ],
    [
      'a product beyond whole numbers',
      () => [1, 2, 3].reduce((b, axis) => withField(b, 'dim', 2 ** 53, axis), plain2()),
      /at most 268435456 voxels/,
    ],
    [
      'a series longer than any file',
      () => [4, 5, 6, 7].reduce((b, axis) => withField(b, 'dim', 30000, axis), withField(plain(), 'dim', 7)),
      /a series of 810000000000000000 \(4×3×2×30000×30000×30000×30000\)/,
    ],
  ])('%s', (_, make, message) => {
    expect(() => readNifti(make(), 'scan.nii')).toThrow(message);
  });

  it.each(Object.entries(unreadVoxelTypes))('voxels of type %s, %s', (code, name) => {
    expect(() => readNifti(withField(plain(), 'datatype', Number(code)), 'x')).toThrow(
      `got type ${code} (${name}). Convert the image to float32.`,
    );
  });

  it('a series without a choice, naming how many volumes it has, and a choice beyond its end', () => {
    const read = (volumeIndex?: number) => () =>
      readGolden('series.nii', volumeIndex === undefined ? {} : { volumeIndex });
    expect(read()).toThrow(/got a series of 3 \(4×3×2×3\)\. Choose one by its index \(volumeIndex\), 0 to 2/);
    for (const index of [3, -1, 0.5, Number.NaN])
      expect(read(index)).toThrow(`expected a volume index from 0 to 2, got ${index}`);
    expect(() => readNifti(plain(), 'x', { volumeIndex: 1 })).toThrow(/The file holds one volume/);
  });

  it('a pair whose halves do not belong together', () => {
    const voxelFile = { bytes: goldenBytes('pair.img').subarray(1), where: 'a.img' };
    expect(() => readNifti(goldenBytes('pair.hdr'), 'a.hdr', { voxelFile })).toThrow(
      /a\.img: expected 48 bytes for 4×3×2 voxels of int16, got 47/,
    );
    expect(() => readNifti(plain(), 'a.hdr', { voxelFile })).toThrow(
      /header of a single file\. Give it the ending \.nii/,
    );
  });

  it('what goes beyond the limits it is given', () => {
    const limits = { maximumVoxels: 24, maximumBytes: 400 };
    expect(readNifti(plain(), 'x', { limits }).size).toEqual([4, 3, 2]);
    const voxels = { ...limits, maximumVoxels: 23 };
    expect(() => readNifti(plain(), 'x', { limits: voxels })).toThrow(/at most 23 voxels, got 4×3×2 = 24/);
    const bytes = { ...limits, maximumBytes: 399 };
    expect(() => readNifti(plain(), 'x', { limits: bytes })).toThrow(/at most 399 bytes, got 400/);
    expect(() => readNifti(gzipSync(plain()), 'x', { limits: bytes })).toThrow(/at most 399 bytes, got 400/);
  });
});

describe('gzip', () => {
  it('is refused when the stream is cut, flipped or has a wrong checksum', () => {
    const size = [20, 20, 20] as const;
    const volume = {
      data: noise(size, 1),
      size,
      affineVoxelToWorld: lpsAffine([1, 1, 1], size),
      origin: noOrigin,
    };
    const packed = gzipSync(writeNifti(volume, { gzip: false }));
    const read = (bytes: Uint8Array) => () => readNifti(bytes, 'scan.nii.gz');
    for (const length of [2, 9, 10, 12, 17, 18, 25, packed.length >> 1, packed.length - 1])
      expect(read(packed.subarray(0, length))).toThrow(/scan\.nii\.gz: expected a whole gzip file/);
    const flipped = packed.slice();
    flipped[packed.length >> 1]! ^= 0x10;
    expect(read(flipped)).toThrow(/whole gzip file/);
    const sum = packed.slice();
    sum[packed.length - 6]! ^= 1;
    expect(read(sum)).toThrow(/checksum is wrong/);
    expect(read(new Uint8Array([...sum, 1, 2, 3]))).toThrow(/whole gzip file/);
  });

  it.each<readonly [string, readonly number[]]>([
    ['a byte', [7]],
    ['three', [1, 2, 3]],
    ['zeros', new Array<number>(512).fill(0)],
    ['more than is unpacked at once', Array.from({ length: 40_000 }, (_, i) => i % 251)],
    ['the beginning of a member', [0x1f, 0x8b, 8]],
  ])('is read with a note where something follows it: %s', (_, after) => {
    const size = [20, 20, 20] as const;
    const affineVoxelToWorld = lpsAffine([1, 1, 1], size);
    const volume = { data: noise(size, 1), size, affineVoxelToWorld, origin: noOrigin };
    const packed = gzipSync(writeNifti(volume, { gzip: false }));
    const { data, notes } = readNifti(Uint8Array.from([...packed, ...after]), 'scan.nii.gz');
    expect(data).toEqual(volume.data);
    expect(notes).toEqual([`${after.length} bytes behind the packed stream were ignored`]);
    expect(readNifti(packed, 'scan.nii.gz').notes).toBeUndefined();
  });

  it('is refused when a small file promises gigabytes, before they are allocated', () => {
    const bomb = [1, 2, 3].reduce((bytes, axis) => withField(bytes, 'dim', 640, axis), plain());
    expect(() => readNifti(gzipSync(bomb), 'x')).toThrow(
      /cannot hold the 524288352 that the header promises/,
    );
  });

  it('is unpacked no further than the header promises, give or take a little', () => {
    const bomb = new Uint8Array(20_000_000);
    bomb.set(plain());
    expect(() => readNifti(gzipSync(bomb), 'bomb.nii.gz')).toThrow(
      /more than the 400 bytes that the header promises/,
    );
    const padded = readNifti(gzipSync(bomb.subarray(0, 1000)), 'padded.nii.gz');
    expect(Array.from(padded.data)).toEqual(niftiFacts['oblique.nii']!.data.map(Math.fround));
  });
});
