import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  fingerprintOf,
  fingerprintOfFiles,
  fingerprintOfSource,
  fingerprintsOnce,
} from './fingerprint.node.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-fingerprint-'));
  await mkdir(join(folder, 'series', 'deep'), { recursive: true });
  await put('series/1.dcm', 'one');
  await put('series/deep/2.dcm', 'two');
});
afterEach(() => rm(folder, { recursive: true }));

const put = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);

describe('fingerprints', () => {
  it('are the SHA-256 of a file', async () => {
    await put('a.nii', 'abc');
    // FIPS 180-2, B.1.
    const abc = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(await fingerprintOf(join(folder, 'a.nii'))).toBe(abc);
    expect(await fingerprintOfSource({ path: join(folder, 'a.nii'), volumeIndex: 2 })).toBe(`${abc}[2]`);
  });

  it('of a series follow names and contents, not the times of files', async () => {
    const source = { path: join(folder, 'series'), series: '1.2.3' };
    const before = await fingerprintOfSource(source);
    await utimes(join(folder, 'series/1.dcm'), 0, 0);
    expect(await fingerprintOfSource(source)).toBe(before);
    expect(await fingerprintOfSource({ ...source, series: '1.2.4' })).not.toBe(before);
    await put('series/deep/2.dcm', 'owt');
    expect(await fingerprintOfSource(source)).not.toBe(before);
  });

  it('of a folder are known before it is written', async () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const files = new Map([
      ['deep/2.dcm', bytes('two')],
      ['1.dcm', bytes('one')],
    ]);
    expect(fingerprintOfFiles(files)).toBe(await fingerprintOf(join(folder, 'series')));
  });

  it('of a pair change with either file', async () => {
    await put('p.hdr', 'header');
    await put('p.img', 'voxels');
    const source = { path: join(folder, 'p.hdr') };
    const before = await fingerprintOfSource(source);
    await put('p.img', 'others');
    expect(await fingerprintOfSource(source)).not.toBe(before);
    expect(await fingerprintOfSource({ path: join(folder, 'p.img') })).toBe(
      await fingerprintOfSource(source),
    );
  });

  it('are read once where they are asked for often', async () => {
    await put('a.nii', 'abc');
    const source = { path: join(folder, 'a.nii') };
    const fingerprint = fingerprintsOnce();
    const before = await fingerprint(source);
    await put('a.nii', 'xyz');
    expect(await fingerprint({ ...source })).toBe(before);
    expect(await fingerprint({ ...source, volumeIndex: 1 })).not.toBe(`${before}[1]`);
  });

  it('refuse what is not there by its path', async () => {
    await expect(fingerprintOf(join(folder, 'no.nii'))).rejects.toThrow(/no\.nii: there is no such file/);
  });
});
