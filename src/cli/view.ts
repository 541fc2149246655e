import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { wholeNumber } from '../base/whole-number.js';
import { usualPort } from '../serve/usual-port.js';
import { viewFiles } from '../serve/view-files.js';
import { startViewServer } from '../serve/view-server.js';
import { outputColours } from '../terminal/colours.js';
import { modelFile } from './model-choice.js';
import { stoppable, stopStatus } from './stoppable.js';

interface ViewOptions {
  readonly port?: string;
  readonly open: boolean;
  readonly model?: readonly string[];
}

/** Where the build puts the page: beside the command line. */
const builtPage = fileURLToPath(new URL('../web/', import.meta.url));

export async function view({ port, open, model = [] }: ViewOptions): Promise<void> {
  const files = await viewFiles(builtPage, await Promise.all(model.map((one) => modelFile(one))));
  const server =
    port === undefined
      ? await startViewServer(files, usualPort).catch(() => startViewServer(files, 0))
      : await startViewServer(files, wholeNumber('--port', port, 0, 65_535));
  console.log(`${outputColours.bold(server.address)} shows the viewer. Ctrl-C ends it.`);
  if (open) openBrowser(server.address);
  await stoppable('closing the viewer', async (signal) => {
    await once(signal, 'abort');
    await server.close();
  });
  process.exitCode = stopStatus();
}

/** Opens the system's browser; where there is none, the address on the terminal is enough. */
function openBrowser(address: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', address]
        : ['xdg-open', address];
  const child = spawn(program!, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
