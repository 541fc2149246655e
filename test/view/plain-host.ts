import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

/** A web host that knows nothing of the page: files, their types, no headers of its own. */
export interface PlainHost {
  readonly address: string;
  /** What was asked for in vain. */
  readonly missed: readonly string[];
  readonly close: () => Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/**
 * Serves folders below an address.
 *
 * @param places what the rest of an address begins with → the folder; the last that fits counts
 */
export async function plainHost(
  base: string,
  places: readonly (readonly [prefix: string, folder: string])[],
): Promise<PlainHost> {
  const missed: string[] = [];
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    const rest = path.startsWith(base) ? path.slice(base.length) : undefined;
    const place = places.findLast(([prefix]) => rest?.startsWith(prefix));
    const name = rest === '' ? 'index.html' : rest?.slice(place?.[0].length);
    const content = place && name ? await readFile(join(place[1], name)).catch(() => undefined) : undefined;
    if (content === undefined) {
      missed.push(path);
      response.writeHead(404).end();
    } else {
      const type = types[extname(name!)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type }).end(content);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    missed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
