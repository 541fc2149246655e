import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import axe from 'axe-core';
import type { Download, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listDicomZip } from '../../src/imaging/formats/dicom/listing.js';
import { readNifti } from '../../src/imaging/formats/nifti/read.js';
import { writeNifti } from '../../src/imaging/formats/nifti/write.js';
import { readVolumeFile } from '../../src/imaging/formats/volume-file.node.js';
import { generatorSpecs } from '../../src/model/generator.js';
import { initialise } from '../../src/nn/parameters.js';
import { writeModel } from '../../src/translate/write-model.js';
import { findChromium } from '../backends/chromium.js';
import { type BuiltUtad, buildUtad } from '../fixtures/built-utad.js';
import { writeDicomSeries } from '../fixtures/dicom-series.js';
import { tinyConfiguration, tinyMetadata, tinyModelFile, trainingFacts } from '../fixtures/tiny-model.js';
import { openPages, type PageBrowser, runtimeFolder, untilIdle } from './open-page.js';
import { amberPixels, largestDifference } from './pixels.js';
import { plainHost } from './plain-host.js';

/**
 * How far a volume translated in the browser may be from the command line's, relative to the largest value: the same graph,
 * other kernels. Those that are right stay below 1e-5, those that are wrong are off by 0.01 and more.
 */
const tolerance = 1e-3;

const chromium = findChromium();
const note = chromium === null ? ' (skipped: this machine lacks Chromium)' : '';

describe.skipIf(chromium === null)(`the viewer in Chromium${note}`, () => {
  let folder: string;
  let utad: BuiltUtad;
  let pages: PageBrowser;
  let page: Page;
  let scan: string;
  let model: string;
  /** Where the page was opened from a host that is not its own server. */
  let plainAddress = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'utad-page-'));
    model = await tinyModelFile(folder);
    [utad, pages] = await Promise.all([buildUtad(), openPages(chromium!, join(folder, 'page'), [model])]);
    scan = join(folder, 'page/example/Phantom_105_t1.nii.gz');
  });
  afterAll(async () => {
    await pages?.close();
    await utad?.remove();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => page?.context().close());

  const drop = async (...files: string[]): Promise<void> => {
    await page.locator('[data-test=files]').first().setInputFiles(files);
    await untilIdle(page);
  };
  const computeOn = (device: 'wasm' | 'webgpu'): Promise<unknown> =>
    page.locator('[data-test=device]').evaluate((select: HTMLSelectElement, name) => {
      select.value = name;
      select.dispatchEvent(new Event('change', { bubbles: true }));
    }, device);
  const translate = async (name: string): Promise<void> => {
    await page.getByRole('button', { name: `Translate ${name}` }).click();
    await page.getByRole('button', { name: `Translate again ${name}` }).waitFor();
    await untilIdle(page);
  };
  const saved = async (button: string): Promise<Download> => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: button }).click();
    return download;
  };
  const problem = (): Promise<string> => page.locator('.problem').first().innerText();

  for (const [device, neighbours] of [
    ['wasm', 0],
    ['webgpu', 0],
    ['wasm', 1],
  ] as const) {
    const which = neighbours === 0 ? device : `${device} with a model that sees neighbouring slices`;
    it(`translates as the command line does, from dropped file to saved file, on ${which}`, async () => {
      page = await pages.open();
      const used = neighbours === 0 ? model : join(folder, 'around.onnx');
      if (neighbours > 0) {
        const around = { ...tinyConfiguration, contextSlices: neighbours };
        const generator = initialise(generatorSpecs(around), 1, 'G');
        await writeFile(used, writeModel(generator, tinyMetadata({ model: around })));
        await page.locator('details.model > summary').click();
        await page.locator('[data-test=model]').setInputFiles(used);
        await page.getByText('256 mm, context slices: 1 below and above').waitFor();
      }
      await drop(scan);
      expect(await page.getByLabel('What Phantom_105_t1.nii.gz shows').inputValue()).toBe('t1');
      await computeOn(device);
      await translate('T2');
      expect(await page.locator('.devices').textContent()).toMatch(
        device === 'wasm' ? /processor: serves/ : /graphics card: serves/,
      );
      const download = await saved('Download T2 from T1 as NIfTI');
      expect(download.suggestedFilename()).toBe('Phantom_105_t2-synthetic.nii.gz');
      const bytes = await readFile(await download.path());
      const translated = readNifti(new Uint8Array(bytes), 'translated');
      expect(translated.origin.header.synthetic).toBe(true);

      const out = join(utad.folder, `${device}-${neighbours}.nii.gz`);
      const { stderr, status } = await utad.call(
        'translate',
        scan,
        '--to',
        't2',
        '--model',
        used,
        '--out',
        out,
      );
      expect([stderr, status]).toEqual([expect.any(String), 0]);
      const expected = await readVolumeFile(out);
      expect(translated.affineVoxelToWorld).toEqual(expected.affineVoxelToWorld);
      expect(largestDifference(translated, expected)).toBeLessThan(tolerance);
    });
  }

  it('shows a patient’s tumour, translates all, compares with the truth and marks what is synthetic', async () => {
    page = await pages.open();
    await page.getByRole('button', { name: 'Example patient' }).click();
    await page.locator('canvas.tile').first().waitFor();
    await untilIdle(page);
    await computeOn('wasm');
    await page.getByRole('button', { name: 'Translate all 4' }).click();
    await page.getByRole('button', { name: 'Translate again FLAIR' }).waitFor();
    await untilIdle(page);
    await expect(page.locator('.translated').first().textContent()).resolves.toMatch(
      /\d+\.\d % off the real T1, SSIM/,
    );
    // A view is drawn when it has its size, which may come after it.
    await page.waitForFunction(() =>
      [...document.querySelectorAll<HTMLCanvasElement>('canvas.tile')].every(
        ({ width, clientWidth }) => width === Math.round(clientWidth * devicePixelRatio),
      ),
    );
    const marks = await amberPixels(page);
    const translated = await page.locator('canvas.tile[aria-label*=synthetic]').count();
    expect(marks.length).toBeGreaterThan(0);
    expect(marks.filter(({ synthetic, amber }) => synthetic !== amber > 50)).toEqual([]);
    expect(translated).toBe(marks.filter(({ synthetic }) => synthetic).length);

    for (const way of ['Slider', 'Fade', 'Blink', 'Side']) {
      await page.getByRole('radio', { name: way, exact: true }).check();
      await page.locator('canvas.tile').first().waitFor();
    }
    const shot = await saved('Save a screenshot');
    expect(shot.suggestedFilename()).toMatch(/^utad-SYNTHETIC-.*\.png$/);
  });

  it('takes files that are dropped on it, offers what is missing and translates all of it', async () => {
    page = await pages.open();
    const bytes = (await readFile(scan)).toString('base64');
    await page.evaluate((content) => {
      const transfer = new DataTransfer();
      const data = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([data], 'p01_t2.nii.gz'));
      document
        .querySelector('main')!
        .dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, bytes);
    await page.getByLabel('What p01_t2.nii.gz shows').waitFor();
    await untilIdle(page);
    expect(await page.getByRole('heading', { name: 'Missing' }).count()).toBe(1);
    await computeOn('wasm');
    await page.getByRole('button', { name: 'Translate all 3 missing' }).click();
    await page.getByRole('button', { name: 'Translate again FLAIR' }).waitFor();
    await untilIdle(page);
    expect(await page.getByRole('button', { name: /^Download .* from T2 as NIfTI$/ }).count()).toBe(3);
  });

  it('fetches nothing large before it is needed, and is soon there', async () => {
    const before = pages.requests.length;
    page = await pages.open();
    const paint = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]!.startTime,
    );
    expect(paint).toBeLessThan(2000);
    await drop(scan);
    const large = (): string[] =>
      pages.requests.slice(before).filter((address) => /\.(?:wasm|onnx)$/.test(address));
    expect(large()).toEqual([]);
    await computeOn('wasm');
    await translate('T2');
    const names = large().map((address) => address.slice(pages.address.length));
    expect(names).toEqual(['onnxruntime/ort-wasm-simd-threaded.wasm', 'models/given-1.onnx']);
    // The page's own code: everything but ONNX Runtime, models, example and licences.
    const own = (await readdir(join(folder, 'page'), { recursive: true })).filter((name) =>
      /^(?:assets\/.*|index\.html|icon\.svg)$/.test(name),
    );
    const sizes = await Promise.all(own.map(async (name) => (await stat(join(folder, 'page', name))).size));
    expect(own.length).toBeGreaterThan(8);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(3 * 2 ** 20);
    // Isolated: WebAssembly has threads.
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  });

  it('takes a model of one’s own and says what it was trained on and how well it does', async () => {
    const facts = trainingFacts([{ source: 't1', target: 't2', ssim: 0.61, mae: 0.12 }]);
    const own = join(folder, 'own');
    await mkdir(own);
    const path = await tinyModelFile(own, { training: facts });
    page = await pages.open();
    await page.locator('details.model > summary').click();
    await page.locator('[data-test=model]').setInputFiles(path);
    await page.getByText('1 patient, 1 updates (student)').waitFor();
    const card = await page.locator('details.model').innerText();
    expect(card).toMatch(/SSIM 0\.50, mean error 10\.0 % of the range, on 1 held-out patient/);
    await page.locator('details.directions summary').click();
    expect(await page.locator('details.directions').innerText()).toMatch(/T1 → T2\s+0\.61\s+12\.0 %/);
  });

  it('cancels a translation, frees its worker and can begin again', async () => {
    page = await pages.open();
    await drop(scan);
    await computeOn('wasm');
    const idle = page.workers().length;
    await page.getByRole('button', { name: 'Translate T2' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await untilIdle(page);
    await expect.poll(() => page.workers().length).toBe(idle);
    await expect(page.getByText('Translation cancelled').textContent()).resolves.toBeTruthy();
    expect(await page.locator('.problem').count()).toBe(0);
    await translate('T2');
  });

  it('reads a DICOM folder, names what it recognises and gives back a series marked as synthetic', async () => {
    const dicom = join(folder, 'dicom');
    const value = (column: number, row: number, slice: number): number =>
      Math.hypot(column - 15.5, row - 15.5) < 10 ? 300 + 5 * column + 3 * row + slice : 0;
    const shape = { size: [32, 32, 6], value } as const;
    await writeDicomSeries(dicom, {
      ...shape,
      description: 'T2 TSE axial',
      number: 4,
      repetitionTime: 5000,
      echoTime: 95,
    });
    await writeDicomSeries(join(dicom, 'dwi'), { ...shape, description: 'DWI b1000', number: 7 });
    page = await pages.open();
    await page.locator('[data-test=folder]').first().setInputFiles(dicom);
    await untilIdle(page);
    expect(await page.getByLabel('What series 4 “T2 TSE axial” shows').inputValue()).toBe('t2');
    await page.getByText('1 further series').click();
    expect(await page.locator('.offered li').innerText()).toMatch(/7 DWI b1000\s+6 slices, diffusion/);
    await computeOn('wasm');
    await translate('FLAIR');
    const download = await saved('Download FLAIR from T2 as DICOM');
    expect(download.suggestedFilename()).toMatch(/_flair-synthetic-dicom\.zip$/);
    const zip = new Uint8Array(await readFile(await download.path()));
    const { series, refused } = listDicomZip(zip, 'translated');
    expect(refused).toEqual([]);
    expect(series).toHaveLength(1);
    expect(series[0]!.description).toBe('SYNTHETIC FLAIR from T2 (utad-net)');
    expect(series[0]!.studyInstanceUid).toBe('1.2.3');
    expect(series[0]!.guess.other).toBe('synthetic');
    // What was translated is recognised when it comes back.
    await drop(await download.path());
  });

  it('says in the page what does not fit', async () => {
    page = await pages.open();
    const write = async (name: string, content: string | Uint8Array): Promise<string> => {
      const path = join(folder, name);
      await writeFile(path, content);
      return path;
    };
    await drop(await write('notes.docx', 'no image'));
    expect(await problem()).toMatch(/notes\.docx\s+Expected NIfTI files, .* got another kind of file/);
    await page.getByRole('button', { name: 'Close the message about notes.docx' }).click();

    await drop(await write('broken_t1.nii.gz', (await readFile(scan)).subarray(0, 4000)));
    expect(await problem()).toMatch(/broken_t1\.nii\.gz\s+Expected .* Copy or download the file again/);
    await page.locator('.problem button').click();

    await drop(await write('other.onnx', 'no model'));
    expect(await problem()).toMatch(/other\.onnx\s+Expected an ONNX file/);
    await page.locator('.problem button').click();

    const { data, ...grid } = await readVolumeFile(scan);
    const head = { ...grid, data: data.map((value) => value + 20) };
    await drop(await write('scan.nii.gz', writeNifti(head, { gzip: true, description: 'head' })));
    expect(await page.getByText(/Say what it shows/).count()).toBe(1);
    await page.getByLabel('What scan.nii.gz shows').selectOption('t1');
    await computeOn('wasm');
    await page.getByRole('button', { name: 'Translate T2' }).click();
    await page.locator('.problem').waitFor();
    expect(await problem()).toMatch(
      /Expected a skull-stripped volume with background 0, got one that does not look so/,
    );
  });

  it('is operated by keyboard', async () => {
    page = await pages.open();
    await drop(scan);
    const tile = page.getByRole('slider', { name: 'T1: axial slice' });
    await tile.focus();
    const slice = async (): Promise<number> => Number(await tile.getAttribute('aria-valuenow'));
    const before = await slice();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('PageUp');
    expect(await slice()).toBe(before + 11);
    await page.keyboard.press('Home');
    expect(await slice()).toBe(1);
    await page.keyboard.press('2');
    const coronal = page.getByRole('slider', { name: 'T1: coronal slice' });
    await coronal.waitFor();
    expect(await page.locator('canvas.tile').count()).toBe(1);
    // The view that had the focus is gone; keys go on to count.
    await expect.poll(() => coronal.evaluate((view) => view === document.activeElement)).toBe(true);
    const place = Number(await coronal.getAttribute('aria-valuenow'));
    await page.keyboard.press('ArrowUp');
    expect(Number(await coronal.getAttribute('aria-valuenow'))).toBe(place + 1);
    await page.keyboard.press('4');
    await tile.waitFor();
    await computeOn('wasm');
    await translate('T2');
    await page.locator('canvas.tile').first().focus();
    for (const way of ['Slider', 'Fade', 'Blink', 'Side']) {
      await page.keyboard.press('c');
      await expect.poll(() => page.getByRole('radio', { name: way, exact: true }).isChecked()).toBe(true);
      await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('CANVAS');
    }
    await page.keyboard.press('x');
    expect(await page.getByRole('button', { name: 'Crosshair' }).getAttribute('aria-pressed')).toBe('false');
  });

  it.each([
    ['dark', 1280, 720],
    ['light', 1280, 720],
    ['dark', 820, 1180],
    ['light', 1024, 768],
  ] as const)('is readable and whole in the %s theme on %i × %i', async (colorScheme, width, height) => {
    page = await pages.open({ colorScheme, viewport: { width, height } });
    await page.evaluate(axe.source);
    const faults = async (): Promise<string[]> => {
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as { axe: typeof axe }).axe.run(),
      );
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    };
    const overflow = (): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await faults()).toEqual([]);
    expect(await overflow()).toBeLessThanOrEqual(0);
    await page.getByRole('button', { name: 'Example patient' }).click();
    await page.locator('canvas.tile').first().waitFor();
    await untilIdle(page);
    await page.locator('details.model').evaluate((details: HTMLDetailsElement) => {
      details.open = true;
    });
    expect(await faults()).toEqual([]);
    expect(await overflow()).toBeLessThanOrEqual(0);
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = Number(/\d+/.exec(ground)![0]) > 128;
    expect(light).toBe(colorScheme === 'light');
  });

  it('works from any folder of any host, on one thread', async () => {
    const shelf = join(folder, 'page/models');
    await mkdir(shelf);
    await copyFile(model, join(shelf, 'tiny.onnx'));
    const models = [{ name: 'tiny.onnx', file: 'tiny.onnx', metadata: tinyMetadata() }];
    await writeFile(join(shelf, 'manifest.json'), JSON.stringify({ models }));
    const host = await plainHost('/some/folder/', [
      ['', join(folder, 'page')],
      ['onnxruntime/', runtimeFolder],
    ]);
    const before = pages.requests.length;
    plainAddress = `${host.address}/some/folder/`;
    try {
      page = await pages.open({}, plainAddress);
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
      await page.getByRole('button', { name: 'Example patient' }).click();
      await page.locator('canvas.tile').first().waitFor();
      await untilIdle(page);
      await computeOn('wasm');
      await translate('T2');
      expect(host.missed).toEqual([]);
      const asked = pages.requests.slice(before);
      expect(asked.filter((address) => !isOf(plainAddress, address))).toEqual([]);
    } finally {
      await page.context().close();
      await host.close();
    }
  });

  it('is asked for where it was not built', async () => {
    const { status, stderr } = await utad.call('view', '--no-open');
    expect(status).toBe(1);
    expect(stderr).toMatch(/the page is not built\. Run npm run build\.$/m);
  });

  it('is served by the command until a signal ends it', async () => {
    await symlink(join(folder, 'page'), join(dirname(utad.main), '../web'));
    const program = spawn(process.execPath, [
      utad.main,
      'view',
      '--no-open',
      '--port',
      '0',
      '--model',
      model,
    ]);
    const said = await new Promise<string>((resolve) =>
      program.stdout.once('data', (part) => resolve(String(part))),
    );
    const address = /^(http:\/\/127\.0\.0\.1:\d+\/) shows the viewer/.exec(said)![1]!;
    expect(await (await fetch(address)).text()).toMatch(/<title>utad-net/);
    const manifest = await (await fetch(`${address}models/manifest.json`)).json();
    expect(manifest).toMatchObject({ models: [{ name: 'tiny.onnx' }] });
    program.kill('SIGINT');
    expect(await once(program, 'exit')).toEqual([130, null]);
  });

  it('asked nothing of any other host, and broke no rule of its policy', () => {
    expect(pages.requests.length).toBeGreaterThan(50);
    const hosts = [pages.address, plainAddress];
    expect(
      pages.requests.filter((address) => !hosts.some((host) => host !== '' && isOf(host, address))),
    ).toEqual([]);
    expect(pages.complaints).toEqual([]);
  });
});

/** Whether an address lies on a host, or is memory of a page of it. */
function isOf(host: string, address: string): boolean {
  return address.startsWith(host) || address.startsWith(`blob:${new URL(host).origin}`);
}
