import { type Command, Option } from 'commander';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { outputLayouts } from '../datasets/output-layout-name.js';
import { declareCommand } from './command-table.js';

/** Adds `utad phantom`: a data set in the layout of BraTS 2018–2021 or of BIDS, made without any outside data. */
export function addPhantomCommand(program: Command): void {
  declareCommand(program, 'phantom')
    .requiredOption('--out <folder>', 'where the folders of the patients go')
    .option('--patients <number>', 'how many patients, 1 to 999', '12')
    .option('--seed <number>', 'the same seed gives the same patients, whatever their number', '1')
    .option('--spacing <mm>', 'voxel size: 1, 2 or 4 mm', '2')
    .addOption(new Option('--format <ending>', 'file format').choices(['nii.gz', 'nii']).default('nii.gz'))
    .addOption(new Option('--layout <name>', 'names of files').choices(outputLayouts).default('brats'))
    .option('--force', 'overwrite patients that are there already')
    .action(keepingInputs(async (options) => (await import('./phantom.js')).makePhantoms(options)));
}
