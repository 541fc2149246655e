import type { Command } from 'commander';
import { refuse } from '../base/errors.js';
import { isSameFile } from '../base/protected-inputs.node.js';
import { isRun, type RunRecord } from '../runs/run-folder.js';
import { givenOptions, nameOf } from './given-options.js';

/** Options that do not change what a run computes: where it is, and what computes. */
const free = ['out', 'resume', 'device', 'threads'];

/**
 * Refuses to continue a run with anything but what it began with: its configuration never changes.
 *
 * @param readRecord checks that it is a run of this command
 * @throws UtadError bad-argument, naming the options; not-found where there is no run; as `readRecord`.
 */
export async function requireResumable(
  run: string,
  dataSet: string | undefined,
  command: Command,
  readRecord: (run: string) => Promise<RunRecord>,
): Promise<void> {
  const changes = givenOptions(command).filter((option) => !free.includes(option.attributeName()));
  if (changes.length > 0)
    refuse('bad-argument', {
      where: '--resume',
      problem: `a run continues with the configuration that it began with, without ${changes.map(nameOf).join(', ')}`,
      todo: 'Leave these out, or start a new run.',
    });
  // Before a folder is made for a run that is not there.
  if (!(await isRun(run)))
    refuse('not-found', {
      where: run,
      problem: 'there is no run to continue',
      todo: dataSet === undefined ? 'Check --out.' : 'Leave out --resume to start one.',
    });
  const { dataSet: began } = await readRecord(run);
  if (dataSet !== undefined && !(await isSameFile(dataSet, began)))
    refuse('bad-argument', {
      where: '--resume',
      problem: `the run learns from ${began}, not from ${dataSet}`,
      todo: 'Leave the data set out, or start a new run.',
    });
}
