import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PackedPackage, packPackage } from './fixtures/installed-package.js';

const run = promisify(execFile);
const registry = await run('npm', ['ping']).then(
  () => true,
  () => false,
);
if (!registry) process.stderr.write('npm reaches no registry: the installation of the package is skipped\n');

let packed: PackedPackage;
let folder: string;
beforeAll(async () => {
  packed = await packPackage();
  folder = await mkdtemp(join(tmpdir(), 'utad-installed-'));
});
afterAll(async () => {
  await packed.remove();
  await rm(folder, { recursive: true, force: true });
});

describe('the package', () => {
  it('holds every file that its pages link to', async () => {
    const holds = (path: string): boolean =>
      packed.files.some((one) => one === path || one.startsWith(`${path.replace(/\/$/, '')}/`));
    const dead: string[] = [];
    for (const page of packed.files.filter((path) => path.endsWith('.md'))) {
      const text = await readFile(join(import.meta.dirname, '..', page), 'utf8');
      for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#\s]+)/g))
        if (!holds(posix.join(posix.dirname(page), link!))) dead.push(`${page}: ${link}`);
    }
    expect(dead).toEqual([]);
  });

  it.skipIf(!registry)(
    'is installed with install scripts on where none of them reaches a network, and translates',
    async () => {
      await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true }));
      // Scripts that download go through this proxy, which is none; npm itself does not.
      const env = { ...process.env, GLOBAL_AGENT_HTTPS_PROXY: 'http://127.0.0.1:9' };
      const options = ['--ignore-scripts=false', '--foreground-scripts', '--no-audit', '--no-fund'];
      await run('npm', ['install', packed.file, ...options], { cwd: folder, env });
      const utad = (...args: string[]): Promise<{ stdout: string }> =>
        run(join(folder, 'node_modules/.bin/utad'), args, { cwd: folder });
      const { version } = JSON.parse(
        await readFile(join(import.meta.dirname, '../package.json'), 'utf8'),
      ) as { version: string };
      expect((await utad('--version')).stdout.trim()).toBe(version);
      await utad('phantom', '--patients', '1', '--spacing', '4', '--out', 'phantom');
      const scan = join('phantom', 'Phantom_001', 'Phantom_001_t1.nii.gz');
      await utad('translate', scan, '--to', 'flair', '--out', 'flair.nii.gz');
      expect(existsSync(join(folder, 'flair.nii.gz'))).toBe(true);
    },
  );
});
