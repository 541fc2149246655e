import { quotedWord } from '../../base/shell-word.js';
import { jobPaths } from '../job-folder.js';
import type { SlurmProfile } from './profile.js';

/** What a round asks of Slurm. */
interface BatchRequest {
  readonly folder: string;
  readonly round: number;
  readonly tasks: number;
  /** Name of the round's job, by which it is found again. */
  readonly name: string;
}

/**
 * The script of a round: an array of tasks, each of which finds its own jobs by its number.
 *
 * The program takes the shell's place, so that Slurm's signals reach it: USR1 some time before the limit
 * (`--signal=B:`), TERM when the task is preempted or cancelled.
 */
export function batchScript(profile: SlurmProfile, { folder, round, tasks, name }: BatchRequest): string {
  const {
    partition,
    account,
    qos,
    time,
    memory,
    cpus,
    gpus,
    atOnce,
    sbatch,
    setup,
    program = ['utad'],
  } = profile;
  const option = (key: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [`#SBATCH --${key}=${value}`];
  return [
    '#!/bin/bash',
    ...option('job-name', name),
    ...option('array', `0-${tasks - 1}${atOnce === undefined ? '' : `%${atOnce}`}`),
    ...option('partition', partition),
    ...option('account', account),
    ...option('qos', qos),
    ...option('time', time),
    ...option('mem', memory),
    '#SBATCH --nodes=1',
    '#SBATCH --ntasks=1',
    ...option('cpus-per-task', cpus),
    ...option('gres', gpus === 0 ? undefined : `gpu:${gpus}`),
    ...option('signal', `B:USR1@${profile.noticeSeconds}`),
    '#SBATCH --requeue',
    '#SBATCH --open-mode=append',
    ...sbatch.map((text) => `#SBATCH ${text}`),
    'set -eo pipefail',
    ...setup,
    `exec ${program.map(quotedWord).join(' ')} jobs work ${quotedWord(folder)} --round ${round} --task "$SLURM_ARRAY_TASK_ID"`,
    '',
  ].join('\n');
}

/** Where the output of a round's tasks goes, as sbatch writes it; `%` means something there. */
export function logPattern(folder: string, round: number): string {
  const [head, tail] = jobPaths.log(folder, round, '%a').split('%a') as [string, string];
  return `${head.replaceAll('%', '%%')}%a${tail}`;
}
