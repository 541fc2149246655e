import type { Command } from 'commander';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { declareCommand } from './command-table.js';

/** Adds `utad weights <file>`: generator weights out of checkpoints, to and from the published code. */
export function addWeightsCommand(program: Command): void {
  declareCommand(program, 'weights')
    .requiredOption('--out <file>', '.safetensors under the published names, or .onnx for utad translate')
    .option('--modalities <names>', 'names in the order of training, where the file does not say')
    .option('--side <pixels>', 'slice side, where the file does not say (128)')
    .option('--field-of-view <mm>', 'millimetres along a slice, where the file does not say (256)')
    .option('--teacher', 'it is a teacher, which is given tumour masks, where the file does not say')
    .option('--half', 'kernels of the model file in half precision: half the size')
    .option('--int8', 'kernels of the model file in 8 bits, a scale for each feature: a quarter of the size')
    .option('--force', 'overwrite a file that is there already')
    .action(
      keepingInputs(async (file, options) => (await import('./weights.js')).convertWeights(file, options)),
    );
}
