import type { Command } from 'commander';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { declareCommand } from './command-table.js';

/** Adds `utad demo`: the whole line on phantom patients, with a page that shows what came out. */
export function addDemoCommand(program: Command): void {
  declareCommand(program, 'demo')
    .option('--out <folder>', 'where everything goes; what an earlier demo left there is removed', 'demo')
    .option('--patients <n>', 'phantom patients; one in five is held out', '12')
    .option('--iterations <n>', 'updates of the teacher; the student has half as many', '2400')
    .action(keepingInputs(async (options) => (await import('./demo.js')).demo(options)));
}
