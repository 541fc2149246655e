import { Command } from 'commander';
import { refuse } from '../base/errors.js';
import { packageVersion } from '../base/version.node.js';
import { type CommandName, commandNames, declareCommand, isCommandName } from './command-table.js';

/** Where the options of each command are declared. */
const declarations: Readonly<Record<CommandName, () => Promise<(program: Command) => void>>> = {
  translate: async () => (await import('./add-translate-command.js')).addTranslateCommand,
  bids: async () => (await import('./add-bids-command.js')).addBidsCommand,
  view: async () => (await import('./add-view-command.js')).addViewCommand,
  inspect: async () => (await import('./add-inspect-command.js')).addInspectCommand,
  phantom: async () => (await import('./add-phantom-command.js')).addPhantomCommand,
  'corrupt-masks': async () => (await import('./add-corrupt-masks-command.js')).addCorruptMasksCommand,
  train: async () => (await import('./add-train-command.js')).addTrainCommand,
  segment: async () => (await import('./add-segment-command.js')).addSegmentCommand,
  config: async () => (await import('./add-config-command.js')).addConfigCommand,
  report: async () => (await import('./add-report-command.js')).addReportCommand,
  sweep: async () => (await import('./add-sweep-command.js')).addSweepCommand,
  evaluate: async () => (await import('./add-evaluate-command.js')).addEvaluateCommand,
  check: async () => (await import('./add-check-command.js')).addCheckCommand,
  compare: async () => (await import('./add-compare-command.js')).addCompareCommand,
  downstream: async () => (await import('./add-downstream-command.js')).addDownstreamCommand,
  weights: async () => (await import('./add-weights-command.js')).addWeightsCommand,
  graph: async () => (await import('./add-graph-command.js')).addGraphCommand,
  jobs: async () => (await import('./add-jobs-command.js')).addJobsCommand,
  doctor: async () => (await import('./add-doctor-command.js')).addDoctorCommand,
  demo: async () => (await import('./add-demo-command.js')).addDemoCommand,
};

/** Commands of earlier versions, by the names that they have now. */
const renamed: Readonly<Record<string, CommandName>> = { 'degrade-masks': 'corrupt-masks' };

/**
 * The command line: the command that the words of a call name with its options, or all commands without theirs, for the
 * list of them and for what is none of them.
 *
 * @param words what stands behind `utad`
 * @throws UtadError bad-argument for a name that a command no longer has.
 */
export async function utadProgram(words: readonly string[]): Promise<Command> {
  const program = new Command('utad')
    .description('Fills in the missing MRI modality of a brain-tumour patient.')
    .version(packageVersion())
    .addHelpCommand(
      new Command('help')
        .argument('[command]')
        .description('shows the help of a command')
        .helpGroup('Tools:'),
    )
    .exitOverride()
    // The caller says what is wrong: see `describeCallError`.
    .configureOutput({ outputError: () => undefined });
  const [first, second] = words.filter((word) => !word.startsWith('-'));
  const name = first === 'help' ? second : first;
  if (name !== undefined && Object.hasOwn(renamed, name))
    refuse('bad-argument', {
      where: name,
      problem: `this command is called ${renamed[name]} now`,
      todo: `Run utad ${renamed[name]}.`,
    });
  if (isCommandName(name)) (await declarations[name]())(program);
  else for (const one of commandNames) declareCommand(program, one);
  return program;
}
