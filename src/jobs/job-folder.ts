import { join } from 'node:path';

const numbered = (number: number, digits: number): string => String(number).padStart(digits, '0');

/** Jobs whose outcomes share a folder: a folder with 10⁵ files is slow on many file servers. */
const outcomesPerFolder = 1000;

/** Paths in the folder of a list of jobs; docs/cluster.md says what each holds. */
export const jobPaths = {
  list: (folder: string): string => join(folder, 'list.json'),
  jobs: (folder: string): string => join(folder, 'jobs.jsonl'),
  offsets: (folder: string): string => join(folder, 'jobs.offsets'),
  rounds: (folder: string): string => join(folder, 'rounds'),
  claim: (folder: string, round: number): string => join(folder, 'rounds', `${numbered(round, 3)}.claim`),
  round: (folder: string, round: number): string => join(folder, 'rounds', `${numbered(round, 3)}.json`),
  script: (folder: string, round: number): string => join(folder, 'rounds', `${numbered(round, 3)}.sh`),
  submitted: (folder: string, round: number): string =>
    join(folder, 'rounds', `${numbered(round, 3)}.submitted.json`),
  journal: (folder: string, round: number, task: number): string =>
    join(folder, 'journals', `${numbered(round, 3)}-${numbered(task, 4)}.jsonl`),
  log: (folder: string, round: number, task: number | '%a'): string =>
    join(folder, 'logs', `${numbered(round, 3)}-${task}.log`),
  outcomes: (folder: string): string => join(folder, 'outcomes'),
  outcome: (folder: string, index: number): string =>
    join(
      folder,
      'outcomes',
      numbered(Math.floor(index / outcomesPerFolder), 3),
      `${numbered(index, 6)}.outcome`,
    ),
  cancelled: (folder: string): string => join(folder, 'cancelled.json'),
  finalised: (folder: string): string => join(folder, 'finalised.json'),
  retried: (folder: string): string => join(folder, 'retried.json'),
} as const;

/** Where the lists of a command lie that writes to `out`: beside it, so that what it makes stays as it is. */
export function jobsBeside(out: string): string {
  return `${out.replace(/[/\\]+$/, '')}.jobs`;
}
