import { Command } from 'commander';
import { packageVersion } from '../jobs/code-fingerprint.js';

/** Each command is one file here; it is loaded only when it is called, so that `utad --help` stays quick. */
const commands: readonly { name: string; load: () => Promise<(program: Command) => void> }[] = [
  { name: 'phantom', load: async () => (await import('./phantom.js')).addPhantomCommand },
  {
    name: 'degrade-masks',
    load: async () => (await import('./degrade-masks.js')).addDegradeMasksCommand,
  },
  { name: 'inspect', load: async () => (await import('./inspect.js')).addInspectCommand },
  { name: 'train', load: async () => (await import('./train.js')).addTrainCommand },
  { name: 'sweep', load: async () => (await import('./sweep.js')).addSweepCommand },
  { name: 'report', load: async () => (await import('./report.js')).addReportCommand },
  { name: 'translate', load: async () => (await import('./translate.js')).addTranslateCommand },
  { name: 'bids', load: async () => (await import('./bids.js')).addBidsCommand },
  { name: 'segment', load: async () => (await import('./segment.js')).addSegmentCommand },
  { name: 'weights', load: async () => (await import('./weights.js')).addWeightsCommand },
  { name: 'graph', load: async () => (await import('./graph.js')).addGraphCommand },
  { name: 'evaluate', load: async () => (await import('./evaluate.js')).addEvaluateCommand },
  { name: 'check', load: async () => (await import('./check.js')).addCheckCommand },
  { name: 'downstream', load: async () => (await import('./downstream.js')).addDownstreamCommand },
  { name: 'jobs', load: async () => (await import('./jobs-command.js')).addJobsCommand },
  { name: 'compare', load: async () => (await import('./compare.js')).addCompareCommand },
  { name: 'doctor', load: async () => (await import('./doctor.js')).addDoctorCommand },
  { name: 'view', load: async () => (await import('./view.js')).addViewCommand },
  { name: 'demo', load: async () => (await import('./demo.js')).addDemoCommand },
];

/** The command line with the command that is named, or with all of them when none is. */
export async function utadProgram(name: string | undefined): Promise<Command> {
  const program = new Command('utad')
    .description('Fills in the missing MRI modality of a brain-tumour patient.')
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError('(utad <command> --help lists the options)');
  const wanted = commands.filter((command) => command.name === name);
  for (const command of wanted.length > 0 ? wanted : commands) (await command.load())(program);
  return program;
}
