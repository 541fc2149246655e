import { type Command, Option } from 'commander';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { defaultSliceStep } from '../evaluate/evaluation-defaults.js';
import { methodNames } from '../experiments/compare-methods.js';
import { schedules } from '../methods/schedule-names.js';
import { presetNames } from '../training/preset-names.js';
import { addDataSetOptions, addDryRunOption } from './add-data-set-options.js';
import { collectField } from './collect-field.js';
import { declareCommand } from './command-table.js';

/** Adds `utad compare <data set>`: other networks and parts of ours left out, trained and evaluated alike. */
export function addCompareCommand(program: Command): void {
  const command = declareCommand(program, 'compare');
  addDryRunOption(addDataSetOptions(command))
    .requiredOption('--out <folder>', 'folder of the comparison; call again to go on where it stopped')
    .option('--methods <names>', `rows, with commas between: ${methodNames.join(', ')}; all when left out`)
    .option('--pair <a:b>', 'the pair that CycleGAN learns; the first two modalities when left out')
    .option('--iterations <n>', 'batches that each row is trained with, its teacher included', '600')
    .option('--seeds <list>', 'repeats everything with each of these seeds, e.g. 1,2,3', '1')
    .option('--preset <name>', presetNames.join(', '), 'tiny')
    .option(
      '--set <field=value>',
      'overrides one field of the preset for all rows; may be repeated',
      collectField,
      {},
    )
    .option('--ours <field=value>', 'overrides one field of the row ours; may be repeated', collectField, {})
    .addOption(
      new Option(
        '--schedule <name>',
        'rates, update frequency and averaging: common to all rows, or as published',
      )
        .choices(schedules)
        .default('common'),
    )
    .option('--split <file>', 'JSON with train and validation lists of case ids; the latter are evaluated')
    .option('--every <n>', 'evaluate every n-th slice of those with enough brain', String(defaultSliceStep))
    .option('--device <name>', 'cpu, auto, or another device of this machine', 'cpu')
    .option('--threads <n>', 'threads on the CPU; all cores when left out')
    .action(
      keepingInputs(async (folder, options) =>
        (await import('./compare.js')).compareMethods(folder, options),
      ),
    );
}
