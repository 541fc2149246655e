import { type Command, Option } from 'commander';
import { packageVersion } from '../base/version.node.js';
import { groupFiles } from '../cohort/bids/group-file-names.js';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { addTranslateOptions } from './add-translate-options.js';
import { declareCommand } from './command-table.js';
import { addModelOption } from './model-choice.js';

const after = `
participant  translates each participant into the missing modalities, as BIDS derivatives, and records in logs/ how it ended.
             Runs for different participants can share an output folder at the same time; run it again to continue.
group        summarises the output of participant runs: ${groupFiles.table} and ${groupFiles.summary}. It takes labels and no
             other option.

Exit status of participant: 1 if any participant failed. See docs/workflows.md.
The output is synthetic: for research, not for diagnosis.`;

/** Adds `utad bids <data set> <output> participant|group`: the arguments of a BIDS App. */
export function addBidsCommand(program: Command): void {
  const command = declareCommand(program, 'bids')
    .version(packageVersion(), '-v, --version')
    .option('--participant-label <label...>', 'participants, with or without sub- (default: all)')
    .option('--session-label <label...>', 'sessions, with or without ses- (default: all)')
    .option('--skip-bids-validation', 'also accepts data sets that are not valid BIDS')
    .option('--to <modalities>', 'target modalities, separated by commas, or `missing` or `all`', 'missing');
  // The spelling of the first BIDS Apps.
  for (const option of [
    '--participant_label <label...>',
    '--session_label <label...>',
    '--skip_bids_validator',
  ])
    command.addOption(new Option(option).hideHelp());
  addTranslateOptions(addModelOption(command))
    .addHelpText('after', after)
    .action(
      keepingInputs(async (folder, out, level, options, command) =>
        (await import('./bids.js')).bids(folder, out, level, options, command),
      ),
    );
}
