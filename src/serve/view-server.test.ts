import { copyFile, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyMetadata, tinyModelFile } from '../../test/fixtures/tiny-model.js';
import { viewFiles } from './view-files.js';
import { startViewServer, type ViewServer } from './view-server.js';

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

let folder: string;
let server: ViewServer;
let port: number;
let model: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'utad-view-'));
  const page = join(folder, 'page');
  await mkdir(join(page, 'assets'), { recursive: true });
  await writeFile(join(page, 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(page, 'assets/main-abc.js'), 'export {};');
  await writeFile(join(folder, 'secret.txt'), 'secret');
  model = await tinyModelFile(folder);
  await mkdir(join(folder, 'shipped'));
  await copyFile(model, join(folder, 'shipped/utad-brats-8.onnx'));
  const larger = await tinyModelFile(join(folder, 'shipped'), { codeVersion: 'a longer one' });
  await rename(larger, join(folder, 'shipped/utad-brats-16.onnx'));
  await writeFile(join(folder, 'shipped/utad-brats-8.md'), '# its card');
  server = await startViewServer(await viewFiles(page, [model], join(folder, 'shipped')), 0);
  port = Number(new URL(server.address).port);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Asks as a program would that sets any header it likes. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('the viewer’s server', () => {
  it('hands out the page, isolated and allowed to talk to itself alone', async () => {
    const { status, headers, text } = await ask('/');
    expect([status, text]).toEqual([200, '<!doctype html><title>page</title>']);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['cross-origin-embedder-policy']).toBe('require-corp');
    expect(headers['x-content-type-options']).toBe('nosniff');
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(policy.join()).not.toMatch(/unsafe-inline|'unsafe-eval'|\*|https?:/);
  });

  it('answers only to its own name, so that no other name can lead to it', async () => {
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`])
      expect((await ask('/', { host })).status).toBe(200);
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port + 1}`]) {
      const { status, text } = await ask('/', { host });
      expect([host, status, text]).toEqual([host, 403, 'This server answers only to its own name.\n']);
    }
  });

  it('answers only its own pages', async () => {
    expect((await ask('/', { origin: `http://127.0.0.1:${port}` })).status).toBe(200);
    for (const origin of [
      'https://evil.example',
      'null',
      `http://127.0.0.1:${port + 1}`,
      `https://127.0.0.1:${port}`,
    ])
      expect([origin, (await ask('/', { origin })).status]).toEqual([origin, 403]);
    const inserted = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect((await ask('/assets/main-abc.js', inserted)).status).toBe(403);
    const followed = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await ask('/', followed)).status).toBe(200);
  });

  it('knows no files but its own', async () => {
    for (const path of [
      '/secret.txt',
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/assets/../../secret.txt',
      '//etc/passwd',
      '/etc/passwd',
      '/assets',
      '/assets/',
    ])
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
  });

  it('takes nothing in', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const { status, headers } = await ask('/', {}, method);
      expect([method, status, headers.allow]).toEqual([method, 405, 'GET, HEAD']);
    }
    const { status, text, headers } = await ask('/assets/main-abc.js', {}, 'HEAD');
    expect([status, text, headers['content-length']]).toEqual([200, '', '10']);
  });

  it('listens on the loopback address alone', async () => {
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.2', port });
      socket.on('connect', () => {
        socket.destroy();
        resolve(false);
      });
      socket.on('error', () => resolve(true));
    });
    expect(refused).toBe(true);
  });

  it('lets browsers keep what has not changed', async () => {
    const first = await ask('/');
    const again = await ask('/', { 'if-none-match': String(first.headers.etag) });
    expect([again.status, again.text]).toEqual([304, '']);
    expect((await ask('/assets/main-abc.js')).headers['cache-control']).toMatch(/immutable/);
    expect(first.headers['cache-control']).not.toMatch(/immutable/);
  });

  it('lists the models that it was given and those that ship, by name and not by path', async () => {
    const { text } = await ask('/models/manifest.json');
    const metadata = tinyMetadata();
    expect(JSON.parse(text)).toEqual({
      models: [
        { name: 'tiny.onnx', file: 'given-1.onnx', metadata },
        { name: 'utad-brats-8.onnx', file: 'utad-brats-8.onnx', metadata, card: 'utad-brats-8.txt' },
        {
          name: 'utad-brats-16.onnx',
          file: 'utad-brats-16.onnx',
          metadata: { ...metadata, codeVersion: 'a longer one' },
        },
      ],
    });
    expect(text).not.toContain(folder);
    expect((await ask('/models/given-1.onnx')).status).toBe(200);
    const { size } = await stat(join(folder, 'shipped/utad-brats-16.onnx'));
    expect((await ask('/models/utad-brats-16.onnx')).headers['content-length']).toBe(String(size));
    const card = await ask('/models/utad-brats-8.txt');
    expect([card.text, card.headers['content-type']]).toEqual(['# its card', 'text/plain; charset=utf-8']);
  });
});

describe('what the server is given', () => {
  it('must be the built page', async () => {
    await expect(viewFiles(join(folder, 'nowhere'), [])).rejects.toThrow(
      'the page is not built. Run npm run build.',
    );
  });

  it('must be models', async () => {
    await expect(viewFiles(join(folder, 'page'), [join(folder, 'secret.txt')])).rejects.toThrow(
      'secret.txt: expected an ONNX file',
    );
  });

  it('must be students, and of those that ship only students are listed', async () => {
    const model = { ...tinyMetadata().model, tumourMask: true };
    const teachers = join(folder, 'teachers');
    await mkdir(teachers);
    const teacher = await tinyModelFile(teachers, { model });
    await expect(viewFiles(join(folder, 'page'), [teacher])).rejects.toThrow(
      'tiny.onnx: this is the model of a teacher, which needs tumour masks.',
    );
    const files = await viewFiles(join(folder, 'page'), [], teachers);
    expect(JSON.parse(String((files.get('models/manifest.json') as { text: string }).text))).toEqual({
      models: [],
    });
    expect(files.has('models/tiny.onnx')).toBe(false);
  });

  it('must be a free port', async () => {
    await expect(startViewServer(new Map(), port)).rejects.toThrow(`port ${port}: cannot listen`);
  });
});
