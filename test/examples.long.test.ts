import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPrivilegedDistillation } from '../examples/privileged-distillation.js';
import { createNodeRuntime } from '../src/engine/runtime/runtime.node.js';
import { listDicomSeries } from '../src/imaging/formats/dicom/dicom-files.node.js';
import { readNifti } from '../src/imaging/formats/nifti/read.js';
import { readVolumeFile, writeVolumeFile } from '../src/imaging/formats/volume-file.node.js';
import type { Volume } from '../src/imaging/volume.js';
import { type Served, startViewServer } from '../src/serve/view-server.js';
import { findChromium } from './backends/chromium.js';
import { writeDicomSeries } from './fixtures/dicom-series.js';
import { copyExamples, type InstalledPackage, installPackage } from './fixtures/installed-package.js';
import { smoothHead } from './fixtures/volumes.js';

it('a student learns from a teacher that is given more, with networks and inputs of another kind', async () => {
  const result = await runPrivilegedDistillation(createNodeRuntime('cpu', { threads: 1 }), 150);
  // Noise of deviation 0.4 has a mean absolute value of 0.4·√(2/π).
  expect(result.noisy).toBeGreaterThan(0.3);
  expect(result.noisy).toBeLessThan(0.34);
  // The student never saw a clean picture, and yet it removes most of the noise; with four acquisitions more goes.
  expect(result.student).toBeLessThan(0.45 * result.noisy);
  expect(result.student).toBeLessThan(0.5 * result.untaught);
  expect(result.teacher).toBeLessThan(result.student);
  expect(result.teacher).toBeGreaterThan(0.005);
});

/** How a person's own compiler may be set; nothing of the package's types is skipped. */
const strict = {
  target: 'es2023',
  lib: ['es2023', 'dom', 'dom.iterable'],
  strict: true,
  skipLibCheck: false,
  types: ['node'],
  rootDir: '.',
  outDir: 'built',
};
const library = fileURLToPath(new URL('../docs/library.md', import.meta.url));

describe('the package, installed in a project of its own', () => {
  let project: InstalledPackage;
  let scan: string;
  /** What Node makes of the scan. */
  let expected: Volume;

  beforeAll(async () => {
    project = await installPackage();
    await copyExamples(project);
    scan = join(project.folder, 'p01_t1.nii.gz');
    await writeVolumeFile(scan, smoothHead([40, 44, 20], [5, 5, 7]), { description: 'a head of no one' });
  });
  afterAll(() => project?.remove());

  it('holds what it needs and nothing that it does not', () => {
    const { files } = project;
    for (const path of [
      'dist/cli/main.js',
      'dist/index.node.js',
      'dist/index.web.d.ts',
      'models/utad-brats-8.onnx',
    ])
      expect(files).toContain(path);
    expect(files.filter((path) => /\.test\.|^(?:src|test|web|bench)\//.test(path))).toEqual([]);
  });

  it('offers what docs/library.md tells of, and no way past it', async () => {
    const text = await readFile(library, 'utf8');
    const names = (entry: string): string =>
      `import('${entry}').then((all) => console.log(Object.keys(all).join(' ')))`;
    for (const entry of ['utad-net', 'utad-net/web']) {
      const { stdout, stderr } = await project.node('-e', names(entry));
      expect(stderr).toBe('');
      const offered = stdout.trim().split(' ');
      expect(offered.length).toBeGreaterThan(20);
      expect(offered.filter((name) => !text.includes(`\`${name}\``) && !text.includes(`${name}(`))).toEqual(
        [],
      );
    }
    const past = await project.node('-e', "import('utad-net/dist/base/errors.js')");
    expect(past.stderr).toMatch(/ERR_PACKAGE_PATH_NOT_EXPORTED/);
  });

  it('has types that a strict compiler takes, as Node resolves them', async () => {
    const options = { ...strict, module: 'nodenext', moduleResolution: 'nodenext' };
    expect(await project.compile(options, 'translate-file.ts', 'server/main.ts', 'watcher/main.ts')).toBe('');
  });

  it('has types that a strict compiler takes, as bundlers resolve them', async () => {
    // The types of Vite itself do not stand a close look.
    const options = {
      ...strict,
      module: 'esnext',
      moduleResolution: 'bundler',
      noEmit: true,
      skipLibCheck: true,
    };
    expect(await project.compile(options, 'translate-file.ts', 'browser/main.ts')).toBe('');
  });

  it('examples/translate-file.ts: a volume in, a volume out, and one line about what is wrong', async () => {
    const out = join(project.folder, 'made.nii.gz');
    const done = await project.node('built/translate-file.js', scan, 't1', 't2', out);
    expect(done.status, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/made\.nii\.gz: synthetic t2, 40×44×20/);
    expected = await readVolumeFile(out);
    expect(expected.origin).toMatchObject({ header: { synthetic: true } });
    const wrong = await project.node('built/translate-file.js', scan, 't1', 'ct', out);
    expect([wrong.status, wrong.stderr]).toEqual([
      1,
      'target modality: expected one of t1, t1ce, t2, flair, got ct.\n',
    ]);
  });

  describe('examples/server', () => {
    it('answers an upload with the volume, and says what is wrong with others', async () => {
      await withServer(project, { MAX_BYTES: '200000', MAX_VOXELS: '50000' }, async (address) => {
        const post = (query: string, body: Uint8Array | string): Promise<Response> =>
          fetch(`${address}/translate?${query}`, { method: 'POST', body: body as Uint8Array<ArrayBuffer> });
        const bytes = await readFile(scan);
        const answer = await post('from=t1&to=t2', bytes);
        expect(answer.status).toBe(200);
        const made = readNifti(new Uint8Array(await answer.arrayBuffer()), 'answer');
        expect(made.origin.header.synthetic).toBe(true);
        expect(made.data).toEqual(expected.data);

        const refused = async (query: string, body: Uint8Array | string): Promise<[number, string]> => {
          const response = await post(query, body);
          return [response.status, ((await response.json()) as { error: { message: string } }).error.message];
        };
        expect(await refused('from=t1&to=ct', bytes)).toEqual([
          400,
          expect.stringMatching(/“ct” is no modality/),
        ]);
        expect(await refused('from=t1', bytes)).toEqual([400, expect.stringMatching(/Name two of t1, t1ce/)]);
        expect(await refused('from=t1&to=t1', bytes)).toEqual([
          400,
          expect.stringMatching(/another modality than t1/),
        ]);
        expect(await refused('from=t1&to=t2', 'no image')).toEqual([
          422,
          expect.stringMatching(/^upload: expected/),
        ]);
        expect(await refused('from=t1&to=t2', bytes.subarray(0, 9000))).toEqual([
          422,
          expect.stringMatching(/^upload: expected .*Copy or download the file again/),
        ]);
        expect(await refused('from=t1&to=t2', new Uint8Array(200_001))).toEqual([
          413,
          'An upload may have 200000 bytes at most.',
        ]);
        const large = join(project.folder, 'large.nii.gz');
        await writeVolumeFile(large, smoothHead([40, 40, 40], [5, 5, 5]));
        expect(await refused('from=t1&to=t2', await readFile(large))).toEqual([
          413,
          expect.stringMatching(/^upload: expected at most 50000 voxels/),
        ]);
      });
    });

    it('works on so many at once, for so long', async () => {
      const body = await readFile(scan);
      const post = (address: string): Promise<Response> =>
        fetch(`${address}/translate?from=t1&to=t2`, { method: 'POST', body });
      await withServer(project, { MAX_REQUESTS: '2' }, async (address) => {
        const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => post(address)));
        const statuses = answers.map(({ status }) => status).sort();
        expect(statuses.slice(0, 2)).toEqual([200, 200]);
        expect(statuses.at(-1)).toBe(429);
        expect(answers.find(({ status }) => status === 429)!.headers.get('retry-after')).toBe('10');
        expect((await post(address)).status).toBe(200);
      });
      await withServer(project, { MAX_SECONDS: '0.001' }, async (address) => {
        const answer = await post(address);
        expect([answer.status, await answer.json()]).toEqual([
          503,
          {
            error: {
              code: 'timeout',
              message: 'It took more than 0.001 seconds.',
            },
          },
        ]);
      });
    });
  });

  it('examples/watcher: makes series of whole ones, once, and picks up nothing that still comes', async () => {
    const [inbox, outbox] = ['inbox', 'outbox'].map((name) => join(project.folder, name)) as [string, string];
    const sent = join(project.folder, 'sent');
    const value = (column: number, row: number, slice: number): number =>
      Math.hypot(column - 15.5, row - 15.5) < 10 ? 300 + 5 * column + 3 * row + slice : 0;
    const axial = { description: 'T2 TSE axial', number: 4, repetitionTime: 5000, echoTime: 95 };
    await writeDicomSeries(sent, { ...axial, size: [32, 32, 6], value });
    const slices = (await readdir(sent)).sort();
    const args = ['built/watcher/main.js', 'inbox', 'outbox', '--to', 'flair,t2', '--settle', '1'];

    await withProgram(project, args, {}, async (next) => {
      expect(await next()).toMatch(/^Watching inbox/);
      // A copy that goes on: one slice after the other, the last one cut off at first.
      await mkdir(join(inbox, 'anna'));
      for (const name of slices.slice(0, 5)) {
        await copyFile(join(sent, name), join(inbox, 'anna', name));
        await wait(300);
      }
      const last = await readFile(join(sent, slices[5]!));
      await writeFile(join(inbox, 'anna', slices[5]!), last.subarray(0, 900));
      expect(await next()).toMatch(/^anna: .*expected/);
      expect(await readdir(outbox)).toEqual(['anna.problem.json']);
      await writeFile(join(inbox, 'anna', slices[5]!), last);
      expect(await next()).toBe('outbox/anna/flair: 6 images');
    });
    expect(await readdir(outbox, { recursive: true })).toHaveLength(8);
    const made = await listDicomSeries(join(outbox, 'anna/flair'));
    expect(made.refused).toEqual([]);
    expect(made.series).toMatchObject([
      {
        description: 'SYNTHETIC FLAIR from T2 (utad-net)',
        studyInstanceUid: '1.2.3',
        guess: { other: 'synthetic' },
      },
    ]);

    // A second start finds what is done, clears away what a kill left, and goes on with what is new.
    await mkdir(join(outbox, 'berta/.flair.0123abcd.tmp'), { recursive: true });
    await cp(sent, join(inbox, '.berta'), { recursive: true });
    await withProgram(project, args, {}, async (next) => {
      expect(await next()).toMatch(/^Watching inbox/);
      await rename(join(inbox, '.berta'), join(inbox, 'berta'));
      expect(await next()).toBe('outbox/berta/flair: 6 images');
    });
    expect(await readdir(join(outbox, 'berta'))).toEqual(['flair']);
    const again = await listDicomSeries(join(outbox, 'anna/flair'));
    expect(again.series[0]!.seriesInstanceUid).toBe(made.series[0]!.seriesInstanceUid);
  });

  const browser = findChromium();
  const note = browser === null ? ' (skipped: this machine lacks Chromium)' : '';
  it.skipIf(browser === null)(`examples/browser: translates a file as Node does${note}`, async () => {
    const { build } = await import('vite');
    const root = join(project.folder, 'browser');
    const outDir = join(project.folder, 'page');
    await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir } });
    // A browser asks for an icon of its own accord.
    const served = new Map<string, Served>([
      ['', { path: join(outDir, 'index.html') }],
      ['favicon.ico', { text: '' }],
    ]);
    for (const entry of await readdir(outDir, { recursive: true }))
      served.set(entry, { path: join(outDir, entry) });
    // The viewer's own server: the page works under its strict policy.
    const server = await startViewServer(served, 0);
    const flags = ['--no-sandbox', '--disable-gpu'];
    const window = await chromium.launch({ executablePath: browser!, args: flags });
    try {
      const page = await window.newPage();
      page.setDefaultTimeout(600_000);
      const complaints: string[] = [];
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      await page.goto(server.address);
      await page.getByText('Ready, on wasm.').waitFor();
      await page.locator('[name=scan]').setInputFiles(scan);
      await page.locator('[name=target]').selectOption('t1');
      await page.getByRole('button', { name: 'Translate' }).click();
      await page.getByText('expected another modality than t1').waitFor();
      await page.locator('[name=target]').selectOption('t2');
      await page.getByRole('button', { name: 'Translate' }).click();
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: 't2-synthetic.nii.gz' }).click();
      const path = await (await download).path();
      const made = readNifti(new Uint8Array(await readFile(path)), 'download');
      expect(made.origin.header.synthetic).toBe(true);
      const largest = expected.data.reduce((most, one) => Math.max(most, one), 0);
      const off = made.data.reduce((most, one, i) => Math.max(most, Math.abs(one - expected.data[i]!)), 0);
      expect(largest).toBeGreaterThan(0);
      expect(off / largest).toBeLessThan(1e-3);
      expect(complaints).toEqual([]);
    } finally {
      await window.close();
      await server.close();
    }
  });
});

/** Runs the example's server on a free port. */
function withServer(
  project: InstalledPackage,
  limits: Readonly<Record<string, string>>,
  use: (address: string) => Promise<void>,
): Promise<void> {
  return withProgram(project, ['built/server/main.js'], { PORT: '0', ...limits }, async (next) =>
    use(await next()),
  );
}

/** Starts a program, gives its lines one after the other, and ends it as Ctrl-C does. */
async function withProgram(
  project: InstalledPackage,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  use: (next: () => Promise<string>) => Promise<void>,
): Promise<void> {
  const program: ChildProcess = project.start(args, env);
  let said = '';
  program.stderr!.on('data', (part: Buffer) => {
    said += part;
  });
  const lines = createInterface({ input: program.stdout! })[Symbol.asyncIterator]();
  const ended = once(program, 'close');
  try {
    await use(async () => {
      const line = await Promise.race([
        lines.next(),
        wait(300_000, { done: true, value: 'nothing' }, { ref: false }),
      ]);
      if (line.done) expect.fail(`The program said nothing more. ${said}`);
      return String(line.value);
    });
  } finally {
    program.kill('SIGINT');
    await ended;
  }
  expect([program.exitCode, said]).toEqual([0, '']);
}
