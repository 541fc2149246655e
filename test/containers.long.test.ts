import { execFile } from 'node:child_process';
import { cp, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltUtad, buildUtad } from './fixtures/built-utad.js';

const repository = fileURLToPath(new URL('../', import.meta.url));
const inRepository = (path: string): string => join(repository, path);
const run = promisify(execFile);
const linesOf = async (path: string): Promise<string[]> =>
  (await readFile(inRepository(path), 'utf8')).split('\n').map((line) => line.trim());
const exists = (path: string): Promise<boolean> => stat(inRepository(path)).then(Boolean, () => false);

/** What the context of the Dockerfile is, by the lines of its ignore file that let something through. */
async function contextOf(): Promise<string[]> {
  const lines = await linesOf('containers/Dockerfile.dockerignore');
  expect(lines).toContain('*');
  return lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
}

/** Sources that a Dockerfile copies from its context. */
async function copiedByDockerfile(): Promise<string[]> {
  const copies = (await linesOf('containers/Dockerfile')).filter((line) =>
    /^(COPY|ADD) (?!--from=)/.test(line),
  );
  return copies.flatMap((line) => line.split(/\s+/).slice(1, -1));
}

/** Sources that the definition copies from the checkout. */
async function copiedByDefinition(): Promise<string[]> {
  const lines = await linesOf('containers/utad.def');
  const start = lines.indexOf('%files') + 1;
  return lines.slice(start, lines.indexOf('', start)).map((line) => line.split(/\s+/)[0]!);
}

describe('the recipes of containers', () => {
  it('copy what is in the repository, both the same', async () => {
    const context = await contextOf();
    const copied = await copiedByDockerfile();
    expect(copied).toContain('.');
    const needed = context.filter((path) => path !== 'models');
    for (const path of [...needed, ...copied]) expect(await exists(path), path).toBe(true);
    for (const path of copied.filter((one) => one !== '.')) expect(context).toContain(path);
    expect((await copiedByDefinition()).sort()).toEqual(needed.sort());
    // The definition copies models apart, for not every checkout has them.
    expect((await linesOf('containers/utad.def')).join('\n')).toContain(
      'if [ -d models ]; then cp -r models/.',
    );
  });

  it('let through all that the build reads', async () => {
    const { scripts } = JSON.parse(await readFile(inRepository('package.json'), 'utf8')) as {
      scripts: { build: string };
    };
    const named = scripts.build.split(/[\s&]+/).filter((word) => /\.(json|mjs)$/.test(word));
    expect(named.length).toBeGreaterThan(0);
    const context = await contextOf();
    for (const path of named) expect(context, path).toContain(path.split('/')[0]);
  });

  it('start from the Node that the package asks for', async () => {
    const text = `${(await linesOf('containers/Dockerfile')).join('\n')}\n${(await linesOf('containers/utad.def')).join('\n')}`;
    const images = [...text.matchAll(/^FROM (node:\S+)|^From: (\S+)/gm)].map(([, a, b]) => a ?? b);
    expect(images).toEqual(['node:20-bookworm-slim', 'node:20-bookworm-slim', ...images.slice(2)]);
    expect(new Set(images).size).toBe(1);
  });
});

describe('the package', () => {
  let utad: BuiltUtad;
  beforeAll(async () => {
    utad = await buildUtad();
  });
  afterAll(() => utad.remove());

  it('holds the whole command line, the workflows and the models', async () => {
    const place = join(dirname(utad.main), '../..');
    const parts = ['README.md', 'LICENSE', 'docs', 'workflow', 'models'];
    const there = await Promise.all(parts.map(exists));
    expect(parts.filter((_, i) => !there[i]).filter((name) => name !== 'models')).toEqual([]);
    for (const [i, name] of parts.entries())
      if (there[i]) await cp(inRepository(name), join(place, name), { recursive: true });
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], { cwd: place });
    const [pack] = JSON.parse(stdout) as [{ files: { path: string }[]; name: string }];
    const packed = new Set(pack.files.map(({ path }) => path));
    const programs = (await readdir(join(place, 'dist'), { recursive: true })).filter((name) =>
      name.endsWith('.js'),
    );
    expect(programs).toContain('workers/worker.js');
    const models = there[4] ? (await readdir(inRepository('models'))).map((name) => `models/${name}`) : [];
    const needed = [
      'package.json',
      'LICENSE',
      'workflow/Snakefile',
      'workflow/config.yaml',
      'workflow/nextflow/main.nf',
      'workflow/nextflow/nextflow.config',
      ...programs.map((name) => `dist/${name}`),
      ...models.filter((name) => name.endsWith('.onnx')),
    ];
    expect(needed.filter((name) => !packed.has(name))).toEqual([]);
    const { bin } = JSON.parse(await readFile(inRepository('package.json'), 'utf8')) as {
      bin: { utad: string };
    };
    expect(packed).toContain(bin.utad);
  });
});
