import type { Command } from 'commander';
import { presetNames } from '../training/preset-names.js';

/** Adds `utad config [preset]`: the fields of a configuration. */
export function addConfigCommand(program: Command): void {
  program
    .command('config')
    .description('lists every field of a preset with its value, its default and its meaning')
    .argument('[preset]', `${presetNames.join(', ')}; of a segmenter: small, tiny`, 'small')
    .option('--segmenter', 'the configuration of utad segment train')
    .option('--json', 'prints the preset as a file for --config')
    .option('--schema', 'prints the JSON schema of such a file')
    .option('--markdown', 'prints all fields and presets as a page (docs/configuration.md)')
    .action(async (preset, options) => (await import('./config.js')).showConfiguration(preset, options));
}
