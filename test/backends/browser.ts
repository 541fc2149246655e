import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import type { Outcome } from '../../src/engine/devices/self-test.js';
import type { WebDevice } from '../../src/engine/runtime/runtime.web.js';
import { chromiumFlags } from './chromium.js';

const runtimeFiles = new URL('../../node_modules/onnxruntime-web/dist/', import.meta.url);

/** A browser with the suite's page open. */
export interface SuiteBrowser {
  /** Runs the suite on a device of the browser. */
  readonly run: (device: WebDevice) => Promise<Outcome[]>;
  /** Addresses that the page asked for outside its own server. */
  readonly foreignRequests: readonly string[];
  readonly close: () => Promise<void>;
}

/** Bundles the suite's page, serves it on this computer alone and opens it in a Chromium without a window. */
export async function openSuite(executablePath: string): Promise<SuiteBrowser> {
  const server = await serve(await bundle());
  const browser = await chromium.launch({ executablePath, args: chromiumFlags });
  const foreignRequests: string[] = [];
  const page = await browser.newPage();
  page.setDefaultTimeout(600_000);
  page.on('request', (request) => {
    if (!request.url().startsWith(server.address) && !/^(?:blob|data):/.test(request.url()))
      foreignRequests.push(request.url());
  });
  await page.goto(server.address);
  await page.waitForFunction(() => 'runSuite' in window);
  return {
    foreignRequests,
    run: (device) => page.evaluate((name) => window.runSuite(name), device),
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}

/** The page's script and its parts, by name. */
async function bundle(): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const result = (await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('.', import.meta.url)),
    build: {
      write: false,
      target: 'esnext',
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input: fileURLToPath(new URL('page.web.ts', import.meta.url)),
        output: { entryFileNames: 'page.js' },
      },
    },
  })) as Rolldown.RolldownOutput;
  return new Map(
    result.output.map((part) => [`/${part.fileName}`, part.type === 'chunk' ? part.code : part.source]),
  );
}

async function serve(
  parts: ReadonlyMap<string, string | Uint8Array>,
): Promise<{ address: string; close: () => void }> {
  const server = createServer(async ({ url = '/' }, response) => {
    const found =
      url === '/'
        ? '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>'
        : url.startsWith('/onnxruntime/')
          ? await readFile(new URL(basename(url), runtimeFiles)).catch(() => undefined)
          : parts.get(url);
    const kind = url === '/' ? 'text/html' : url.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
    response.writeHead(found === undefined ? 404 : 200, {
      'content-type': kind,
      // Without these two there are no threads.
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    response.end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => server.close(),
  };
}
