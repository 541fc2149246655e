import type { Command } from 'commander';
import { declareCommand } from './command-table.js';

/** Adds `utad doctor`: which device of this machine will compute, and why another will not. */
export function addDoctorCommand(program: Command): void {
  declareCommand(program, 'doctor')
    .option('--json', 'prints JSON instead of a table')
    .option('--device <name>', 'examines one device beside the CPU; auto for all of them', 'auto')
    .addHelpText(
      'after',
      '\nEvery device is examined in a process of its own: does it open, how fast is it, does it compute each operation' +
        '\nof a training as the slow reference does. Exit status: 0, or 1 when the CPU or the named device is refused.',
    )
    .action(async (options) => (await import('./doctor.js')).doctor(options));
}
