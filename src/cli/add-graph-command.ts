import { type Command, Option } from 'commander';
import { presetNames } from '../training/preset-names.js';
import { collectField } from './collect-field.js';
import { declareCommand } from './command-table.js';

/** Adds `utad graph`: what a program of a preset consists of. */
export function addGraphCommand(program: Command): void {
  declareCommand(program, 'graph')
    .option('--preset <name>', presetNames.join(', '), 'small')
    .option(
      '--set <field=value>',
      'overrides a field of the configuration; may be repeated',
      collectField,
      {},
    )
    .addOption(
      new Option('--program <name>', 'which program')
        .choices(['critic', 'generator', 'translation'])
        .default('generator'),
    )
    .addOption(
      new Option('--stage <stage>', 'of which stage').choices(['teacher', 'student']).default('teacher'),
    )
    .option('--print', 'prints every node')
    .option('--json', 'prints JSON')
    .action(async (options) => (await import('./graph.js')).showGraph(options));
}
