import type { Command } from 'commander';
import { wholeNumberOption } from '../base/whole-number.js';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { addRequestOptions } from './add-request-options.js';
import { declareCommand } from './command-table.js';

/** Adds `utad train <data set> --out <run>`: trains a teacher and distils it into a student. */
export function addTrainCommand(program: Command): void {
  const command = declareCommand(program, 'train');
  addRequestOptions(command)
    .requiredOption(
      '--out <run>',
      'folder of the run: configuration, journals, checkpoints, sample sheets, model.onnx, teacher.onnx',
    )
    .option('--resume', 'continues the run in --out from its last checkpoint')
    .option(
      '--dry-run',
      'prints the plan, and time, memory and disk from a few measured steps; writes nothing',
    )
    .option(
      '--device <name>',
      'cpu, auto (the fastest that computes rightly), or a device by name; see utad doctor',
      'cpu',
    )
    .option(
      '--threads <n>',
      'threads on the CPU; all cores when left out',
      wholeNumberOption('--threads', 1, 256),
    )
    .addHelpText(
      'after',
      '\nStop with Ctrl-C: the state is saved, and --resume continues as if nothing had happened.',
    )
    .action(
      keepingInputs(async (dataSet, options, command) =>
        (await import('./train.js')).train(dataSet, options, command),
      ),
    );
}
