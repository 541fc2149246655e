import type { Command } from 'commander';
import { wholeNumberOption } from '../base/whole-number.js';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { addAxis } from '../experiments/sweep-grid.js';
import { addDryRunOption } from './add-data-set-options.js';
import { addExecutorOptions } from './add-executor-options.js';
import { addRequestOptions } from './add-request-options.js';
import { declareCommand } from './command-table.js';

const after = `
Every run is a folder of its own below --out, as utad train makes it; prepared slices are shared between runs.
Call it again to go on: finished runs are looked at, the others continue from their last checkpoint.
  utad sweep brats/ --out widths --vary model.baseChannels=8,16 --vary seed=1,2 --folds 5
  utad sweep brats/ --out ablations --variants ablations.json     # {"whole": {}, "no-cycle": {"losses.generator.rec": 0}}`;

/** Adds `utad sweep <data set> --out <folder>`: many training runs and a table of their validations. */
export function addSweepCommand(program: Command): void {
  const command = declareCommand(program, 'sweep');
  addDryRunOption(addExecutorOptions(addRequestOptions(command), 'runs'))
    .requiredOption('--out <folder>', 'folder for the runs, sweep.json and sweep.csv')
    .option(
      '--vary <field=values>',
      'field of the configuration and its values; may be repeated',
      addAxis,
      {},
    )
    .option('--variants <file>', 'JSON with named sets of fields, each to be tried')
    .option(
      '--folds <n>',
      'cross-validation: every patient with a mask is held out once',
      wholeNumberOption('--folds', 2, 999),
    )
    .option('--device <name>', 'cpu, auto, or a device by name; see utad doctor', 'cpu')
    .option(
      '--threads <n>',
      'threads of each run on the CPU; all cores, shared, when left out',
      wholeNumberOption('--threads', 1, 256),
    )
    .addHelpText('after', after)
    .action(keepingInputs(async (folder, options) => (await import('./sweep.js')).sweep(folder, options)));
}
