import { type Command, Option } from 'commander';
import { inspectionStatus } from '../datasets/inspection.js';
import { addDataSetOptions, addSyntheticOption } from './add-data-set-options.js';
import { declareCommand } from './command-table.js';

/** Adds `utad inspect <data set>`: what a data set holds and what is wrong with it. */
export function addInspectCommand(program: Command): void {
  const command = declareCommand(program, 'inspect');
  addSyntheticOption(addDataSetOptions(command))
    .option('--json', 'prints JSON instead of a table')
    .option('--headers', 'reads headers only: fast, and blind to intensities, labels and cut-off files')
    .addOption(new Option('--strict', `ends with ${inspectionStatus.warning} when there are only warnings`))
    .addHelpText(
      'after',
      `\nExit status: 0, or ${inspectionStatus.error} when a problem prevents use (unreadable, not on one grid, not skull-stripped, ` +
        'labels that contradict each other). See docs/datasets.md.',
    )
    .action(async (folder, options) => (await import('./inspect.js')).inspect(folder, options));
}
