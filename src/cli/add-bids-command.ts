import { Argument, type Command, Option } from 'commander';
import { packageVersion } from '../base/version.node.js';
import { groupFiles } from '../cohort/bids/group-file-names.js';
import { addMakingOptions } from './add-making-options.js';
import { addModelOption } from './model-choice.js';

const after = `
participant  makes what the participants lack, as BIDS derivatives, and keeps in logs/ how it ended for each. Calls for
             different participants may run at once on one output folder; the same call again goes on where it stopped.
group        sums up what participant calls left: ${groupFiles.table} and ${groupFiles.summary}. It takes labels, and no other option.

Exit status of participant: 1 if any of them failed. See docs/workflows.md.
What comes out is synthetic: for research, not for diagnosis.`;

/** Adds `utad bids <data set> <output> participant|group`: the arguments of a BIDS App. */
export function addBidsCommand(program: Command): void {
  const command = program
    .command('bids')
    .description('makes missing modalities of a BIDS data set, with the arguments of a BIDS App')
    .argument('<bids_dir>', 'BIDS data set')
    .argument('<output_dir>', 'folder of the derivatives, such as <bids_dir>/derivatives/utad')
    .addArgument(new Argument('<analysis_level>').choices(['participant', 'group']))
    .version(packageVersion(), '-v, --version')
    .option('--participant-label <label...>', 'participants, with or without sub-; all when left out')
    .option('--session-label <label...>', 'sessions, with or without ses-; all when left out')
    .option('--skip-bids-validation', 'takes data sets that are not, or not quite, BIDS')
    .option('--to <modalities>', 'modalities to make with commas between, `missing` or `all`', 'missing');
  // As the first BIDS Apps spelled them.
  for (const option of [
    '--participant_label <label...>',
    '--session_label <label...>',
    '--skip_bids_validator',
  ])
    command.addOption(new Option(option).hideHelp());
  addMakingOptions(addModelOption(command))
    .addHelpText('after', after)
    .action(async (folder, out, level, options, command) =>
      (await import('./bids.js')).bids(folder, out, level, options, command),
    );
}
