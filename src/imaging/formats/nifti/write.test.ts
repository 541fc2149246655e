import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenBytes, niftiFacts, niftiNames, readGolden } from '../../../../test/fixtures/nifti-golden.js';
import { smoothHead } from '../../../../test/fixtures/volumes.js';
import type { Volume } from '../../volume.js';
import type { VoxelTypeName } from '../../volume-format.js';
import { decodeHeader, type HeaderValues } from './header.js';
import { affineOfMetadata, type NiftiMetadata } from './metadata.js';
import { readNifti } from './read.js';
import { voxelTypes } from './voxel-types.js';
import { writeNifti } from './write.js';

/** The last volume of a golden file, which for most is the only one. */
function lastVolume(name: string) {
  const volumes = niftiFacts[name]!.shape.slice(3).reduce((a, b) => a * b, 1);
  return readGolden(name, { volumeIndex: volumes - 1 });
}

describe('writeNifti', () => {
  it.each(niftiNames)(
    'keeps grid, affine, forms, codes, units and version of %s number for number',
    (name) => {
      const source = lastVolume(name);
      const again = readNifti(writeNifti(source, { gzip: true }), 'again');
      expect(again.size).toEqual(source.size);
      expect(again.affineVoxelToWorld).toEqual(source.affineVoxelToWorld);
      expect(again.origin.header).toEqual({ ...source.origin.header, voxelType: 'float32', synthetic: true });
      expect(again.data).toEqual(source.data);
    },
  );

  it('writes the bytes in which nibabel found the same geometry and values', () => {
    const checked = JSON.parse(
      readFileSync(new URL('../../../../test/golden/nifti/written.json', import.meta.url), 'utf8'),
    ) as Record<string, string>;
    const written = niftiNames.map((name) => {
      const bytes = writeNifti(lastVolume(name), { gzip: false });
      return [name, createHash('sha256').update(bytes).digest('hex')] as const;
    });
    expect(Object.fromEntries(written)).toEqual(checked);
  });

  it.each(['described.nii', 'extension.nii', 'v2-extension.nii'])(
    'passes on no text of %s and no time of writing',
    (name) => {
      const source = readGolden(name);
      const written = writeNifti(source, { gzip: false });
      const { version } = source.origin.header;
      const header = decodeHeader(written, version, true) as HeaderValues;
      const { descrip, auxFile, dbName = '', intentName } = header;
      expect([descrip, auxFile, dbName, intentName]).toEqual(['utad-net synthetic', '', '', '']);
      expect(new TextDecoder('latin1').decode(goldenBytes(name))).toMatch(/patient/i);
      expect(new TextDecoder('latin1').decode(written)).not.toMatch(/patient/i);
      const packed = writeNifti(source, { gzip: true });
      expect(Array.from(packed.subarray(3, 8))).toEqual([0, 0, 0, 0, 0]);
    },
  );

  it('describes the file in 79 characters that one byte each can hold', () => {
    const volume = smoothHead([2, 2, 2], [1, 1, 1]);
    const described = (description: string): string =>
      decodeHeader(writeNifti(volume, { gzip: false, description }), 1, true).descrip;
    expect(described('t1 → t2, ménagé')).toBe('t1 ? t2, ménagé');
    expect(described('a'.repeat(200))).toBe('a'.repeat(79));
  });

  it('writes an sform in millimetres when the volume has left its source grid', () => {
    const source = readGolden('qform-only.nii.gz');
    const metres: NiftiMetadata = { ...source.origin.header, units: 1 + 8, dimInfo: 57 };
    const affine = [2, 0, 0, 5, 0, 2, 0, 6, 0, 0, 2, 7, 0, 0, 0, 1];
    const moved = {
      ...source,
      affineVoxelToWorld: affine,
      origin: { format: 'nifti', header: metres } as const,
    };
    const again = readNifti(writeNifti(moved, { gzip: false }), 'again');
    expect(again.affineVoxelToWorld).toEqual(affine);
    expect(again.origin.header).toMatchObject({ qformCode: 0, pixdim: [2, 2, 2], units: 2 + 8, dimInfo: 0 });
  });

  it('turns to NIfTI-2 for an axis that NIfTI-1 cannot count', () => {
    const volume = (length: number): Volume => ({
      ...smoothHead([1, 1, 1], [1, 1, 1]),
      size: [length, 1, 1],
      data: new Float32Array(length),
    });
    const written = (length: number) => readNifti(writeNifti(volume(length), { gzip: false }), 'x');
    expect(written(32767).origin.header.version).toBe(1);
    expect(written(32768)).toMatchObject({ size: [32768, 1, 1], origin: { header: { version: 2 } } });
  });

  it('rounds to whole numbers and refuses those out of range', () => {
    const volume: Volume = { ...smoothHead([2, 1, 1], [1, 1, 1]), data: Float32Array.of(1.6, 255.4) };
    const stored = writeNifti(volume, { gzip: false, datatype: 'uint8' });
    expect(Array.from(readNifti(stored, 'x').data)).toEqual([2, 255]);
    const tooBig: Volume = { ...volume, data: Float32Array.of(0, 300) };
    expect(() => writeNifti(tooBig, { gzip: false, datatype: 'uint8' })).toThrow(
      /values from 0 to 255 for uint8, got 300/,
    );
    const broken: Volume = { ...volume, data: Float32Array.of(Number.NaN, 0) };
    expect(() => writeNifti(broken, { gzip: false, datatype: 'int16' })).toThrow(/got NaN/);
    expect(() => writeNifti({ ...volume, data: new Float32Array(3) }, { gzip: false })).toThrow(
      /expected 2×1×1 voxels, got 3 values/,
    );
  });
});

describe('any volume', () => {
  const seed = { seed: 1, numRuns: 200 };
  const triple = <T>(part: fc.Arbitrary<T>): fc.Arbitrary<readonly [T, T, T]> => fc.tuple(part, part, part);
  const single = (low: number, high: number): fc.Arbitrary<number> =>
    fc.float({ min: Math.fround(low), max: Math.fround(high), noNaN: true });
  const double = (low: number, high: number): fc.Arbitrary<number> =>
    fc.double({ min: low, max: high, noNaN: true });

  /** Metadata of any forms whose axes do not fall together. */
  const metadata = (version: 1 | 2): fc.Arbitrary<NiftiMetadata> => {
    const number = version === 1 ? single : double;
    return fc.record({
      version: fc.constant(version),
      qformCode: fc.nat(5),
      sformCode: fc.nat(5),
      qfac: fc.constantFrom(-1, 0, 1),
      pixdim: triple(number(0.25, 8)),
      quaternion: triple(number(-0.5, 0.5)),
      qoffset: triple(number(-500, 500)),
      srow: fc
        .tuple(triple(number(1, 4)), triple(number(-0.25, 0.25)), triple(number(-500, 500)))
        .map(([d, s, o]) => [d[0], s[0], s[1], o[0], s[2], d[1], s[0], o[1], s[1], s[2], -d[2], o[2]]),
      units: fc.constantFrom(0, 2, 10, 1, 3),
      dimInfo: fc.nat(63),
      voxelType: fc.constantFrom(...voxelTypes.map(({ name }) => name)),
    });
  };
  const size = triple(fc.integer({ min: 1, max: 5 }));
  const typeOf = (name: VoxelTypeName) => voxelTypes.find((type) => type.name === name)!;

  it('reads back as it was written: grid, geometry and values, in every voxel type and packed or not', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<1 | 2>(1, 2).chain(metadata),
        size,
        fc.boolean(),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (header, grid, gzip, random) => {
          const { range } = typeOf(header.voxelType);
          const data = Float32Array.from({ length: grid[0] * grid[1] * grid[2] }, () => {
            const share = random.next().value as number;
            if (!range) return 1e6 * (share - 0.5);
            // Single precision holds whole numbers to 2^24.
            const [low, high] = [Math.max(range.low, -(2 ** 24)), Math.min(range.high, 2 ** 24)];
            return Math.round(low + share * (high - low));
          });
          const affineVoxelToWorld = affineOfMetadata(header, grid, 'x');
          const origin = { format: 'nifti', header } as const;
          const source: Volume = { data, size: grid, affineVoxelToWorld, origin };
          const again = readNifti(writeNifti(source, { gzip, datatype: header.voxelType }), 'again');
          // Forms drawn at random contradict each other, and a note says so.
          expect({ ...again, notes: undefined }).toEqual({
            ...source,
            origin: { ...origin, header: { ...header, synthetic: true } },
          });
        },
      ),
      seed,
    );
  });

  it('of any affine keeps it to single precision, in double for NIfTI-2', () => {
    fc.assert(
      fc.property(metadata(2), size, fc.constantFrom<1 | 2>(1, 2), ({ srow, ...rest }, grid, version) => {
        const affine = [...srow, 0, 0, 0, 1];
        const data = new Float32Array(grid[0] * grid[1] * grid[2]);
        // A qform far from the affine: the volume has left the grid that its metadata describe.
        const header = { ...rest, srow: srow.map((value) => value + 1), version, sformCode: 0, qformCode: 0 };
        const source: Volume = {
          data,
          size: grid,
          affineVoxelToWorld: affine,
          origin: { format: 'nifti', header },
        };
        const again = readNifti(writeNifti(source, { gzip: false }), 'again');
        expect(again.affineVoxelToWorld).toEqual(version === 1 ? affine.map(Math.fround) : affine);
        expect(again.origin.header).toMatchObject({ version, qformCode: 0, sformCode: 2 });
      }),
      seed,
    );
  });
});
