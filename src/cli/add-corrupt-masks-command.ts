import type { Command } from 'commander';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { addDataSetOptions, addDryRunOption } from './add-data-set-options.js';
import { declareCommand } from './command-table.js';

/** Adds `utad corrupt-masks <data set> --out <folder>`: the same patients with worse masks, for studies. */
export function addCorruptMasksCommand(program: Command): void {
  const command = declareCommand(program, 'corrupt-masks');
  addDryRunOption(addDataSetOptions(command))
    .requiredOption(
      '--out <folder>',
      'new folder, a folder a patient as in BraTS; masks hold the whole tumour as 1',
    )
    .option('--grow <mm>', 'how far each border moves outwards; inwards when negative', '0')
    .option('--shift <mm>', 'how far each mask is shifted, in a random direction', '0')
    .option('--missing <share>', 'share of the patients whose mask is left out, from 0 to below 1', '0')
    .option('--seed <n>', 'of directions and of who loses the mask', '1')
    .action(
      keepingInputs(async (folder, options) =>
        (await import('./corrupt-masks.js')).corruptMasks(folder, options),
      ),
    );
}
