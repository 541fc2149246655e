import { Command } from 'commander';
import { refuse } from '../base/errors.js';
import { packageVersion } from '../base/version.node.js';

/**
 * The commands by name, in the order of `--help`. A command's options are declared in `add-….ts`, which imports little;
 * what it does is another file, which is imported when it is called: no help loads a network or a parser.
 */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  phantom: async () => (await import('./add-phantom-command.js')).addPhantomCommand,
  'corrupt-masks': async () => (await import('./add-corrupt-masks-command.js')).addCorruptMasksCommand,
  inspect: async () => (await import('./add-inspect-command.js')).addInspectCommand,
  train: async () => (await import('./add-train-command.js')).addTrainCommand,
  config: async () => (await import('./add-config-command.js')).addConfigCommand,
  sweep: async () => (await import('./add-sweep-command.js')).addSweepCommand,
  report: async () => (await import('./add-report-command.js')).addReportCommand,
  translate: async () => (await import('./add-translate-command.js')).addTranslateCommand,
  bids: async () => (await import('./add-bids-command.js')).addBidsCommand,
  segment: async () => (await import('./add-segment-command.js')).addSegmentCommand,
  weights: async () => (await import('./add-weights-command.js')).addWeightsCommand,
  graph: async () => (await import('./add-graph-command.js')).addGraphCommand,
  evaluate: async () => (await import('./add-evaluate-command.js')).addEvaluateCommand,
  check: async () => (await import('./add-check-command.js')).addCheckCommand,
  downstream: async () => (await import('./add-downstream-command.js')).addDownstreamCommand,
  jobs: async () => (await import('./add-jobs-command.js')).addJobsCommand,
  compare: async () => (await import('./add-compare-command.js')).addCompareCommand,
  doctor: async () => (await import('./add-doctor-command.js')).addDoctorCommand,
  view: async () => (await import('./add-view-command.js')).addViewCommand,
  demo: async () => (await import('./add-demo-command.js')).addDemoCommand,
};

/** Commands of earlier versions, by the names that they have now. */
const renamed: Readonly<Record<string, string>> = { 'degrade-masks': 'corrupt-masks' };

/**
 * The command line with the command that is named, or with all of them when none is.
 *
 * @throws UtadError bad-argument for a name that a command no longer has.
 */
export async function utadProgram(name: string | undefined): Promise<Command> {
  const program = new Command('utad')
    .description('Fills in the missing MRI modality of a brain-tumour patient.')
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError('(utad <command> --help lists the options)');
  if (name !== undefined && Object.hasOwn(renamed, name))
    refuse('bad-argument', {
      where: name,
      problem: `this command is called ${renamed[name]} now`,
      todo: `Run utad ${renamed[name]}.`,
    });
  const wanted =
    name !== undefined && Object.hasOwn(commands, name) ? [commands[name]!] : Object.values(commands);
  for (const add of await Promise.all(wanted.map((load) => load()))) add(program);
  return program;
}
