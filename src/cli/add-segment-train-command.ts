import type { Command } from 'commander';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { segmenterPresetNames } from '../methods/segmenter-preset-names.js';
import { addDataSetOptions, addSyntheticOption } from './add-data-set-options.js';
import { collectField } from './collect-field.js';

/** Adds `utad segment train <data set> --out <run>`. */
export function addSegmentTrainCommand(segment: Command): void {
  const command = segment
    .command('train')
    .description('trains a U-Net that finds tumour regions, whichever of its modalities a patient has')
    .argument(
      '[data set]',
      'folder with masks, of any layout that utad train takes; not needed with --resume',
    );
  addSyntheticOption(addDataSetOptions(command))
    .requiredOption('--out <run>', 'folder of the run: configuration, journal, checkpoints, segmenter.onnx')
    .option('--preset <name>', segmenterPresetNames.join(', '), 'small')
    .option('--config <file>', 'JSON file with fields that override the preset')
    .option('--set <field=value>', 'overrides one field; may be repeated, after --config', collectField, {})
    .option('--modalities <names>', 'inputs with commas between; all of the data set when left out')
    .option(
      '--regions <names>',
      'regions with commas between, outermost first; whole,core,enhancing when left out',
    )
    .option('--iterations <n>', 'updates, in the place of epochs')
    .option('--seed <n>', 'seed of every random choice')
    .option('--split <file>', 'JSON with train and validation lists of case ids')
    .option('--resume', 'continues the run in --out from its last checkpoint')
    .option('--device <name>', 'cpu, auto, or another device of this machine; see utad doctor', 'cpu')
    .option('--threads <n>', 'threads on the CPU; all cores when left out')
    .addHelpText(
      'after',
      '\nStop with Ctrl-C: the state is saved, and --resume continues as if nothing had happened.',
    )
    .action(
      keepingInputs(async (dataSet, options, command) =>
        (await import('./segment-train.js')).segmentTrain(dataSet, options, command),
      ),
    );
}
