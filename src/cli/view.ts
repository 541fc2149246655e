import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { wholeNumber } from '../base/whole-number.js';
import { viewFiles } from '../serve/view-files.js';
import { startViewServer } from '../serve/view-server.js';
import { outputColours } from '../terminal/colours.js';
import { modelFile } from './model-choice.js';

interface ViewOptions {
  readonly port?: string;
  readonly open: boolean;
  readonly model?: readonly string[];
}

/** Where the build puts the page: beside the command line. */
const builtPage = fileURLToPath(new URL('../web/', import.meta.url));

/** Browsers keep what they have fetched by its address: the same port spares them ONNX Runtime's 40 MB. */
const usualPort = 4180;

/** Adds `utad view`: the page that shows and translates a patient in the browser. */
export function addViewCommand(program: Command): void {
  program
    .command('view')
    .description(
      'opens the viewer in the browser: see and translate a patient, without a byte leaving this computer',
    )
    .option('--model <file...>', 'model files to offer in the page before those that come with utad-net')
    .option('--port <number>', `port on 127.0.0.1; ${usualPort}, or any that is free, when left out`)
    .option('--no-open', 'only says the address')
    .addHelpText(
      'after',
      '\nServes the page on this computer alone, until Ctrl-C. What is dropped into the page stays in the browser: the' +
        '\nserver hands out its own files and takes nothing in.',
    )
    .action(view);
}

async function view({ port, open, model = [] }: ViewOptions): Promise<void> {
  const files = await viewFiles(builtPage, await Promise.all(model.map((one) => modelFile(one))));
  const server =
    port === undefined
      ? await startViewServer(files, usualPort).catch(() => startViewServer(files, 0))
      : await startViewServer(files, wholeNumber('--port', port, 0, 65_535));
  console.log(`${outputColours.bold(server.address)} shows the viewer. Ctrl-C ends it.`);
  if (open) openBrowser(server.address);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
  await server.close();
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
