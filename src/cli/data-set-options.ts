import type { Command } from 'commander';
import type { DataSetOptions } from '../datasets/data-set.js';
import { labelDeclarations } from '../datasets/label-convention.js';

/** What `--map`, `--labels` and `--include-synthetic` say, as commander or a run gives it. */
export interface DataSetFlags {
  readonly map?: string | undefined;
  readonly labels?: string | undefined;
  readonly includeSynthetic?: boolean | undefined;
}

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

/** The options of {@link addDataSetOptions} and {@link addSyntheticOption} among others. */
export function dataSetOptions({ map, labels, includeSynthetic }: DataSetFlags): DataSetOptions {
  return {
    ...(map === undefined ? {} : { map }),
    ...(labels === undefined ? {} : { labels }),
    ...(includeSynthetic ? { includeSynthetic } : {}),
  };
}
