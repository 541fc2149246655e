import type { Command } from 'commander';
import { usualPort } from '../serve/usual-port.js';
import { declareCommand } from './command-table.js';

/** Adds `utad view`: the page that shows and translates a patient in the browser. */
export function addViewCommand(program: Command): void {
  declareCommand(program, 'view')
    .option('--model <file...>', 'model files to offer in the page before those that come with utad-net')
    .option('--port <number>', `port on 127.0.0.1; ${usualPort}, or any that is free, when left out`)
    .option('--no-open', 'only says the address')
    .addHelpText(
      'after',
      '\nServes the page on this computer alone, until Ctrl-C. What is dropped into the page stays in the browser: the' +
        '\nserver hands out its own files and takes nothing in.',
    )
    .action(async (options) => (await import('./view.js')).view(options));
}
