import type { Command } from 'commander';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { declareCommand } from './command-table.js';

/** Adds `utad jobs`: what became of jobs that were submitted to a cluster. */
export function addJobsCommand(program: Command): void {
  const jobs = declareCommand(program, 'jobs');
  jobs
    .command('list')
    .description('the lists of jobs of a folder')
    .argument('[folder]', 'an output, or the folder that outputs lie in', '.')
    .action(keepingInputs(async (folder) => (await import('./jobs-command.js')).list(folder)));
  jobs
    .command('show')
    .description('how a list stands, and what went wrong')
    .argument('<folder>', 'an output, or a list’s folder')
    .option('--verify', 'reads every output and compares it with the hash that it was written with')
    .action(
      keepingInputs(async (folder, options) => (await import('./jobs-command.js')).show(folder, options)),
    );
  jobs
    .command('resume')
    .description('waits for a list again, and submits what is left; also what was given up')
    .argument('<folder>', 'an output, or a list’s folder')
    .action(keepingInputs(async (folder) => (await import('./jobs-command.js')).resume(folder)));
  jobs
    .command('cancel')
    .description('ends what waits and runs of a list; what is finished stays')
    .argument('<folder>', 'an output, or a list’s folder')
    .action(keepingInputs(async (folder) => (await import('./jobs-command.js')).cancel(folder)));
  jobs
    .command('work', { hidden: true })
    .description('does one task of a round; called by the cluster')
    .argument('<folder>', 'a list’s folder')
    .requiredOption('--round <n>', 'number of the round')
    .requiredOption('--task <n>', 'number of the task in the array')
    .action(
      keepingInputs(async (folder, options) => (await import('./jobs-command.js')).work(folder, options)),
    );
}
