import type { Command } from 'commander';
import { declareCommand } from './command-table.js';

/** Adds `utad config [preset]`: the fields of a configuration. */
export function addConfigCommand(program: Command): void {
  declareCommand(program, 'config')
    .option('--segmenter', 'the configuration of utad segment train')
    .option('--json', 'prints the preset as a file for --config')
    .option('--schema', 'prints the JSON schema of such a file')
    .option('--markdown', 'prints all fields and presets as a page (docs/configuration.md)')
    .action(async (preset, options) => (await import('./config.js')).showConfiguration(preset, options));
}
