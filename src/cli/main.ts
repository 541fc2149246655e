#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { UtadError } from '../base/errors.js';
import { packageVersion } from './version.js';

/** Each command is one file here; it is loaded only when it is called, so that `utad --help` stays quick. */
const commands: readonly { name: string; load: () => Promise<(program: Command) => void> }[] = [
  { name: 'phantom', load: async () => (await import('./phantom.js')).addPhantomCommand },
  { name: 'inspect', load: async () => (await import('./inspect.js')).addInspectCommand },
  { name: 'train', load: async () => (await import('./train.js')).addTrainCommand },
  { name: 'translate', load: async () => (await import('./translate.js')).addTranslateCommand },
  { name: 'graph', load: async () => (await import('./graph.js')).addGraphCommand },
  { name: 'weights', load: async () => (await import('./weights.js')).addWeightsCommand },
  { name: 'evaluate', load: async () => (await import('./evaluate.js')).addEvaluateCommand },
  { name: 'demo', load: async () => (await import('./demo.js')).addDemoCommand },
];

async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('utad')
    .description('Fills in the missing MRI modality of a brain-tumour patient.')
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError('(utad <command> --help lists the options)');

  const wanted = commands.filter((command) => command.name === argv[2]);
  for (const command of wanted.length > 0 ? wanted : commands) (await command.load())(program);

  try {
    await program.parseAsync([...argv]);
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UtadError) {
      console.error(`utad: ${error.message}`);
      return error.code === 'interrupted' ? 130 : 1;
    }
    console.error('utad: a defect of this program, please report it:');
    console.error(error);
    return 70;
  }
}

process.exitCode = await main(process.argv);
