import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fail } from './errors.js';
import { makeFolder, readFileBytes, replaceFile, writeFileAtomic, writeNewFile } from './files.node.js';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
let writer: string;
const at = (name: string): string => join(folder, name);

/** Writes a file of zeros and tells what went wrong and what lies in the folder; may die after half of it. */
const writerText = `
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFileAtomic } from './base/files.node.js';
const [path, bytes, dies] = process.argv.slice(2);
async function* halves() {
  yield new Uint8Array(Number(bytes) / 2);
  if (dies) process.kill(process.pid, 'SIGKILL');
  yield new Uint8Array(Number(bytes) / 2);
}
try {
  await writeFileAtomic(path, halves());
} catch (error) {
  console.log(JSON.stringify({ name: error.name, code: error.code, message: error.message, left: readdirSync(dirname(path)) }));
}
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-files-'));
  const built = at('built');
  const options = ['--ignoreConfig', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  const source = join(repository, 'src/base/files.node.ts');
  await run(process.execPath, [tsc, ...options, '--rootDir', 'src', '--outDir', built, source], {
    cwd: repository,
  });
  await writeFile(join(built, 'package.json'), '{"type":"module"}');
  writer = join(built, 'writer.js');
  await writeFile(writer, writerText);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('writeFileAtomic', () => {
  it('writes texts and bytes into folders that it makes, and replaces what was there', async () => {
    const path = at('new/deep/a.txt');
    await writeFileAtomic(path, 'first');
    await writeFileAtomic(path, Uint8Array.of(65, 66));
    expect(await readFile(path, 'utf8')).toBe('AB');
    expect(await readdir(at('new/deep'))).toEqual(['a.txt']);
  });

  it('writes again what another process took for a leftover', async () => {
    const [path, bytes] = [at('swept/a.bin'), new Uint8Array(2 ** 25).fill(7)];
    await mkdir(at('swept'));
    const written = writeFileAtomic(path, bytes);
    let swept = 0;
    while (swept < 2) {
      const found = (await readdir(at('swept'))).filter((name) => name.endsWith('.tmp'));
      for (const name of found) {
        await rm(join(at('swept'), name));
        swept++;
      }
      if (found.length === 0 && (await readdir(at('swept'))).includes('a.bin')) break;
    }
    await written;
    expect(swept).toBeGreaterThan(0);
    expect((await readFile(path)).equals(bytes)).toBe(true);
    expect(await readdir(at('swept'))).toEqual(['a.bin']);
  });

  it('refuses a place that cannot be written with one error and leaves nothing behind', async () => {
    await mkdir(at('taken/a.txt'), { recursive: true });
    await expect(writeFileAtomic(at('taken/a.txt'), 'x')).rejects.toMatchObject({
      code: 'io',
      message: expect.stringMatching(/a\.txt: cannot write this file: /),
    });
    expect(await readdir(at('taken'))).toEqual(['a.txt']);
    await writeFile(at('file'), '');
    await expect(writeFileAtomic(at('file/a.txt'), 'x')).rejects.toMatchObject({ code: 'io' });
  });

  it('leaves the old file whole, or none, where a process is killed half-way', async () => {
    const path = at('killed/a.bin');
    const dying = () => run(process.execPath, [writer, path, '2000000', 'dies']);
    await expect(dying()).rejects.toMatchObject({ signal: 'SIGKILL' });
    expect((await readdir(at('killed'))).filter((name) => !name.endsWith('.tmp'))).toEqual([]);
    await run(process.execPath, [writer, path, '1000']);
    await expect(dying()).rejects.toMatchObject({ signal: 'SIGKILL' });
    expect(await readFileBytes(path)).toEqual(new Uint8Array(1000));
  });

  it('says that the disk is full, removes what it had begun and keeps the old file', async (context) => {
    const place = at('disk');
    await mkdir(place);
    const onSmallDisk = (script: string) =>
      run('unshare', ['-rm', 'sh', '-c', `mount -t tmpfs -o size=256k tmpfs ${place} && { ${script}; }`]);
    const mountable = await onSmallDisk('true').then(
      () => true,
      () => false,
    );
    if (!mountable) return context.skip('no small file system can be mounted here');
    const write = (bytes: number): string => `${process.execPath} ${writer} ${place}/a.bin ${bytes}`;
    const { stdout } = await onSmallDisk(`${write(1000)}; ${write(1_000_000)}; wc -c < ${place}/a.bin`);
    const [error, size] = stdout.trim().split('\n');
    expect(JSON.parse(error!)).toEqual({
      name: 'UtadError',
      code: 'io',
      message: `${place}/a.bin: cannot write this file: no space left on the disk (ENOSPC). Free space or choose another folder.`,
      left: ['a.bin'],
    });
    expect(Number(size)).toBe(1000);
  });

  it('says that a file may not become as large, and removes what it had begun', async () => {
    const place = at('limited');
    await mkdir(place);
    const script = `ulimit -f 64; ${process.execPath} ${writer} ${place}/a.bin 1000000`;
    const { stdout } = await run('sh', ['-c', script]);
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'io',
      message: expect.stringContaining('more than may be written there (EFBIG)'),
      left: [],
    });
  });
});

describe('writeNewFile', () => {
  it('writes for one of several that try at once, and replaces nothing', async () => {
    const path = at('first/run.json');
    const tries = await Promise.all(['a', 'b', 'c', 'd'].map((text) => writeNewFile(path, text)));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await readFile(path, 'utf8')).toBe('abcd'[tries.indexOf(true)]);
    expect(await readdir(at('first'))).toEqual(['run.json']);
  });
});

describe('makeFolder', () => {
  it('returns the outermost folder that it made, and says why where it cannot', async () => {
    expect(await makeFolder(at('outer/inner'))).toBe(at('outer'));
    expect(await makeFolder(at('outer/inner'))).toBeUndefined();
    await writeFile(at('a-file'), '');
    await expect(makeFolder(at('a-file/deep/er'))).rejects.toThrow(
      /a-file\/deep\/er: cannot make this folder: a file is in the place of a folder/,
    );
  });
});

describe('replaceFile', () => {
  it('appends pieces, and gives back what the writing gave', async () => {
    const count = await replaceFile(at('pieces.txt'), async (file) => {
      for (const piece of ['a', 'bc', 'd']) await file.writeFile(piece);
      return 3;
    });
    expect([count, await readFile(at('pieces.txt'), 'utf8')]).toEqual([3, 'abcd']);
  });

  it('passes on the errors of the writing itself and keeps the old file', async () => {
    await writeFileAtomic(at('kept/a.txt'), 'old');
    const broken = replaceFile(at('kept/a.txt'), async (file) => {
      await file.writeFile('new');
      fail('bad-value', { where: 'x', expected: 'a', got: 'b' });
    });
    await expect(broken).rejects.toMatchObject({ code: 'bad-value' });
    expect(await readdir(at('kept'))).toEqual(['a.txt']);
    expect(await readFile(at('kept/a.txt'), 'utf8')).toBe('old');
  });
});

describe('readFileBytes', () => {
  it('gives bytes of their own', async () => {
    await writeFile(at('bytes'), Uint8Array.of(1, 2, 3));
    const bytes = await readFileBytes(at('bytes'));
    expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
    expect(bytes.buffer.byteLength).toBe(3);
  });

  it('refuses what is not there, no file, or larger than allowed', async () => {
    await expect(readFileBytes(at('none'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(readFileBytes(folder)).rejects.toThrow(/this is a folder/);
    await expect(readFileBytes('/dev/zero')).rejects.toThrow(/this is a device or a pipe/);
    await writeFile(at('four'), 'four');
    expect(await readFileBytes(at('four'), 4)).toHaveLength(4);
    await expect(readFileBytes(at('four'), 3)).rejects.toMatchObject({
      code: 'not-supported',
      message: `${at('four')}: expected a file of at most 3 bytes, got 4. Check the file, or raise the limit.`,
    });
  });
});
