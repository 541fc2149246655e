import type { Command } from 'commander';
import { refuse } from '../base/errors.js';
import { labelDeclarations } from '../datasets/label-convention.js';

/** Adds `--map` and `--labels`, which every command that reads a data set takes. */
export function addDataSetOptions(command: Command): Command {
  return command
    .option('--map <file>', 'JSON file that says where the volumes are and what labels mean')
    .option('--labels <convention>', `what mask labels mean: ${labelDeclarations.join(', ')}`);
}

/** Adds `--include-synthetic`, for commands that may take what a network made for scans. */
export function addSyntheticOption(command: Command): Command {
  return command.option(
    '--include-synthetic',
    'also takes volumes whose .json beside says that a network made them',
  );
}

/** Adds `--dry-run`, for commands that write many files. */
export function addDryRunOption(command: Command): Command {
  return command.option('--dry-run', 'checks everything, prints what would be done, and writes nothing');
}

/** The folder that a new run learns from. @throws UtadError bad-argument when none was named. */
export function requireDataSet(command: string, folder: string | undefined): string {
  if (folder !== undefined) return folder;
  return refuse('bad-argument', {
    where: command,
    problem: 'no data set is given',
    todo: 'Name its folder, or continue a run with --resume.',
  });
}
