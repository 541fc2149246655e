import { type Command, Option } from 'commander';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { addDataSetOptions, addSyntheticOption } from './add-data-set-options.js';
import { addExecutorOptions } from './add-executor-options.js';
import { declareCommand } from './command-table.js';
import { addModelOption } from './model-choice.js';

/** Adds `utad check <data set>`: whether tumours survive translation. */
export function addCheckCommand(program: Command): void {
  const command = declareCommand(program, 'check');
  addExecutorOptions(addModelOption(addSyntheticOption(addDataSetOptions(command))))
    .requiredOption('--segmenter <file>', 'file that utad segment train wrote')
    .requiredOption('--out <folder>', 'folder for check.json and check.csv')
    .option('--split <file>', 'JSON with the ids of the validation patients')
    .addOption(
      new Option(
        '--patients <which>',
        'whom to check; validation patients where known when left out',
      ).choices(['all', 'validation']),
    )
    .option('--device <name>', 'cpu, auto, or another device of this machine', 'cpu')
    .option('--threads <n>', 'threads of each job on the CPU; all cores, shared, when left out')
    .action(
      keepingInputs(async (folder, options) => (await import('./check.js')).checkModel(folder, options)),
    );
}
