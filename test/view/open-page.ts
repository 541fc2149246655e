import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { writeNifti } from '../../src/imaging/formats/nifti/write.js';
import { generatePatient } from '../../src/phantom/patient.js';
import { viewFiles } from '../../src/serve/view-files.js';
import { startViewServer } from '../../src/serve/view-server.js';
import { chromiumFlags } from '../backends/chromium.js';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Where ONNX Runtime's files lie. */
export const runtimeFolder = join(repository, 'node_modules/onnxruntime-web/dist');

/** A browser that can open the page, as the viewer's own server hands it out. */
export interface PageBrowser {
  readonly address: string;
  /** Opens the page in a window of its own. */
  readonly open: (
    options?: Parameters<Awaited<ReturnType<typeof chromium.launch>>['newContext']>[0],
    /** The viewer's own server unless given. */
    address?: string,
  ) => Promise<Page>;
  /** Every address that any window asked for. */
  readonly requests: readonly string[];
  /** What the browser refused by the page's policy, and what the page did not catch. */
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
}

/** Builds the page into a folder, with an example patient of 4 mm, and starts server and browser. */
export async function openPages(
  executablePath: string,
  folder: string,
  models: readonly string[],
): Promise<PageBrowser> {
  await buildPage(folder);
  const served = new Map(await viewFiles(folder, models, join(folder, 'none')));
  for (const name of await readdir(runtimeFolder))
    served.set(`onnxruntime/${name}`, { path: join(runtimeFolder, name) });
  const server = await startViewServer(served, 0);
  const browser = await chromium.launch({ executablePath, args: chromiumFlags });
  const requests: string[] = [];
  const complaints: string[] = [];
  const watch = (context: BrowserContext): void => {
    context.on('request', (request) => requests.push(request.url()));
    context.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    context.on('weberror', ({ error }) => void complaints.push(error().message));
  };
  return {
    address: server.address,
    requests,
    complaints,
    open: async (options = {}, address = server.address) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
      watch(context);
      const page = await context.newPage();
      // Waits end what hangs, and say nothing of a slow machine.
      page.setDefaultTimeout(600_000);
      await page.goto(address);
      await page.getByRole('heading', { level: 1 }).waitFor();
      return page;
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

async function buildPage(folder: string): Promise<void> {
  await build({
    configFile: join(repository, 'web/vite.config.node.ts'),
    logLevel: 'error',
    build: { outDir: folder, minify: false },
  });
  await writePhantom(join(folder, 'example'));
}

/** Writes the example patient at 4 mm. */
export async function writePhantom(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { id, volumes, mask } = generatePatient(7, 104, { spacingMm: 4 });
  for (const [name, volume] of Object.entries({ ...volumes, seg: mask })) {
    const bytes = writeNifti(volume, { gzip: true, datatype: 'int16', description: 'phantom' });
    await writeFile(join(folder, `${id}_${name}.nii.gz`), bytes);
  }
}

/** Waits until nothing is read or translated any more. */
export async function untilIdle(page: Page): Promise<void> {
  await page.locator('.progress').waitFor({ state: 'detached' });
}
