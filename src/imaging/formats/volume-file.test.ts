import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { niftiFacts, readGolden } from '../../../test/fixtures/nifti-golden.js';
import { readVolume, readVolumeFile, volumeFileBytes, writeVolumeFile } from './volume-file.node.js';

const golden = (name: string): string =>
  fileURLToPath(new URL(`../../../test/golden/nifti/${name}`, import.meta.url));
let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-volume-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('readVolumeFile', () => {
  it.each([
    ['pair.hdr', 'pair.img'],
    ['pair-packed.hdr.gz', 'pair-packed.img.gz'],
    ['v2-pair.hdr', 'v2-pair.img'],
  ])('reads the pair of %s whichever file is named', async (header, voxels) => {
    for (const name of [header, voxels])
      expect(await readVolumeFile(golden(name))).toEqual(readGolden(header));
  });

  it('finds halves of which one is packed, and names in capitals', async () => {
    await copyFile(golden('pair-packed.hdr.gz'), at('MIXED.HDR.gz'));
    await copyFile(golden('pair.img'), at('MIXED.IMG'));
    const { affineVoxelToWorld } = readGolden('pair-packed.hdr.gz');
    const { data } = readGolden('pair.hdr');
    for (const name of ['MIXED.HDR.gz', 'MIXED.IMG'])
      expect(await readVolumeFile(at(name))).toMatchObject({ affineVoxelToWorld, data });
  });

  it('names the half that is missing', async () => {
    await copyFile(golden('pair.hdr'), at('alone.hdr'));
    await expect(readVolumeFile(at('alone.hdr'))).rejects.toThrow(
      `expected its other half beside it, ${at('alone.img')}`,
    );
    await copyFile(golden('pair-packed.img.gz'), at('lonely.img.gz'));
    await expect(readVolumeFile(at('lonely.img.gz'))).rejects.toThrow(at('lonely.hdr.gz'));
  });

  it('takes a volume of a series, by option or by source', async () => {
    const path = golden('pair-series.hdr');
    const data = Float32Array.from(niftiFacts['pair-series.hdr']!.data.slice(24));
    expect((await readVolumeFile(path, { volumeIndex: 1 })).data).toEqual(data);
    expect((await readVolume({ path, volumeIndex: 1 })).data).toEqual(data);
    await expect(readVolume({ path })).rejects.toThrow(/a series of 2 \(4×3×2×2\)/);
  });

  it('refuses what is too large before it is read, and what is no file', async () => {
    await copyFile(golden('oblique.nii'), at('sparse.nii'));
    // A hole takes no room on the disk.
    await truncate(at('sparse.nii'), 2 ** 40);
    await expect(readVolumeFile(at('sparse.nii'))).rejects.toThrow(
      `${at('sparse.nii')}: expected a file of at most 4294967296 bytes, got 1099511627776`,
    );
    const limits = { maximumVoxels: 23, maximumBytes: 2 ** 20 };
    await expect(readVolumeFile(golden('oblique.nii'), { limits })).rejects.toThrow(/at most 23 voxels/);
    await expect(readVolumeFile(folder)).rejects.toThrow(/this is a folder, not a file/);
    await expect(readVolumeFile(at('none.nii'))).rejects.toThrow(/there is no such file/);
    execFileSync('mkfifo', [at('pipe.nii')]);
    await expect(readVolumeFile(at('pipe.nii'))).rejects.toThrow(/this is a device or a pipe/);
  });

  it('writes a pair as one file that holds the same', async () => {
    const source = await readVolumeFile(golden('pair-big.hdr'));
    await writeVolumeFile(at('one.nii.gz'), source, { datatype: 'float64' });
    expect(await readVolumeFile(at('one.nii.gz'))).toEqual({
      ...source,
      origin: { ...source.origin, header: { ...readGolden('pair-big.hdr').origin.header, synthetic: true } },
    });
  });

  it('packs the bytes of the plain file, the same each time', async () => {
    const source = await readVolumeFile(golden('oblique.nii'));
    const plain = await volumeFileBytes('a.nii', source);
    const packed = await volumeFileBytes('a.NII.gz', source);
    expect(Buffer.compare(gunzipSync(packed), plain)).toBe(0);
    expect(packed.length).toBeLessThan(plain.length);
    expect(await volumeFileBytes('b.nii.gz', source)).toEqual(packed);
    // No time, no name, no system.
    expect([...packed.subarray(3, 10)]).toEqual([0, 0, 0, 0, 0, 0, 255]);
  });
});
