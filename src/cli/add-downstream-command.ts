import type { Command } from 'commander';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { segmenterPresetNames } from '../methods/segmenter-preset-names.js';
import { addDataSetOptions, addDryRunOption } from './add-data-set-options.js';
import { collectField } from './collect-field.js';
import { declareCommand } from './command-table.js';

/** Adds `utad downstream <data set>`: whether translated modalities help a segmentation network. */
export function addDownstreamCommand(program: Command): void {
  const command = declareCommand(program, 'downstream');
  addDryRunOption(addDataSetOptions(command))
    .requiredOption('--model <file>', 'the translator, .onnx')
    .requiredOption('--missing <modalities>', 'missing modalities with commas between, or each')
    .requiredOption('--out <folder>', 'folder of the experiment; call again to go on where it stopped')
    .option(
      '--from <modality>',
      'what is translated and copied; the translator’s best direction when left out',
    )
    .option('--preset <name>', `of the segmenters: ${segmenterPresetNames.join(', ')}`, 'small')
    .option('--set <field=value>', 'overrides one field of the preset; may be repeated', collectField, {})
    .option('--iterations <n>', 'updates of each segmenter, in the place of epochs')
    .option(
      '--split <file>',
      'JSON with train and validation lists of case ids; the validation patients are the test',
    )
    .option('--device <name>', 'cpu, auto, or another device of this machine', 'cpu')
    .option('--threads <n>', 'threads on the CPU; all cores when left out')
    .action(
      keepingInputs(async (folder, options) =>
        (await import('./downstream.js')).downstreamExperiment(folder, options),
      ),
    );
}
