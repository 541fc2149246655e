import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { refuse } from '../base/errors.js';
import { reasonOf } from '../base/files.node.js';

/** What lies at an address of the page: a file, or text that was made for it. */
export type Served = { readonly path: string } | { readonly text: string };

/** A running server. */
export interface ViewServer {
  /** `http://127.0.0.1:4312/` */
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** The only addresses that it listens on and answers for. */
const loopback = '127.0.0.1';
const hostNames = [loopback, 'localhost'];

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/**
 * Headers of every answer. The policy lets the page talk to its own host and to nobody else; isolation (COOP, COEP)
 * allows WebAssembly its threads and keeps other pages out of its memory.
 */
const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * Serves files on this computer alone. It knows the files by a table that is made before it starts, so no address can
 * lead to any other; it takes nothing in; it answers only to its own name and to pages of its own.
 *
 * @param files address without the leading `/` → what lies there; `''` is the page itself
 * @param port 0 for any that is free
 * @throws UtadError io when the port is taken.
 */
export async function startViewServer(files: ReadonlyMap<string, Served>, port: number): Promise<ViewServer> {
  const server = createServer((request, response) => {
    answer(request, response, files).catch(() => {
      if (response.headersSent) response.destroy();
      else respond(response, 500, 'The file could not be read.');
    });
  });
  // Nothing large comes in, and nobody may keep connections open without asking.
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  server.maxRequestsPerSocket = 1000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, loopback, resolve);
  }).catch((cause: unknown) =>
    refuse('io', {
      where: `port ${port}`,
      problem: `cannot listen: ${reasonOf(cause)}`,
      todo: 'Choose another with --port, or leave it out.',
    }),
  );
  return {
    address: `http://${loopback}:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  files: ReadonlyMap<string, Served>,
): Promise<void> {
  const { method = '', url = '/' } = request;
  const stranger = whyStranger(request);
  if (stranger !== undefined) return respond(response, 403, stranger);
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return respond(response, 405, 'This server only hands out its own files.');
  }
  const address = url.split('?')[0]!.slice(1);
  const served = files.get(address);
  if (served === undefined) return respond(response, 404, 'There is nothing at this address.');
  const type = types[extname(address === '' ? 'index.html' : address)] ?? 'application/octet-stream';
  response.setHeader('content-type', type);
  if ('text' in served) return sendText(request, response, served.text);
  await sendFile(request, response, address, served.path);
}

/**
 * Says why a request is none of the page's own: another host's name, behind which a rebound DNS entry could hide, or
 * another page that asks.
 */
function whyStranger({ headers, socket }: IncomingMessage): string | undefined {
  const { host = '', origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers;
  const own = hostNames.map((name) => `${name}:${socket.localPort}`);
  if (!own.includes(host.toLowerCase())) return 'This server answers only to its own name.';
  if (origin !== undefined && origin !== `http://${host.toLowerCase()}`)
    return 'This server answers only its own pages.';
  const foreign = site === 'cross-site' || site === 'same-site';
  return foreign && mode !== 'navigate' ? 'This server answers only its own pages.' : undefined;
}

function sendText(request: IncomingMessage, response: ServerResponse, text: string): void {
  response.writeHead(200, {
    ...pageHeaders,
    'cache-control': 'no-cache',
    'content-length': Buffer.byteLength(text),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  address: string,
  path: string,
): Promise<void> {
  const { size, mtimeMs } = await stat(path);
  const mark = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
  // Names in assets/ change with their content; everything else is asked for again and found unchanged.
  const isNamedByContent = address.startsWith('assets/');
  const headers = {
    ...pageHeaders,
    etag: mark,
    'cache-control': isNamedByContent ? 'private, max-age=31536000, immutable' : 'private, no-cache',
  };
  if (request.headers['if-none-match'] === mark) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, 'content-length': size });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const stream = createReadStream(path, { end: size - 1 });
  stream.on('error', () => response.destroy());
  response.on('close', () => stream.destroy());
  stream.pipe(response);
}

function respond(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...pageHeaders, 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
