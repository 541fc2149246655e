import type { DataSet } from '../datasets/data-set.js';
import { warn } from './warn.js';

/** How many notes are printed. */
const most = 8;

/** Says on the error stream what of the data set's files is not used or unclear, errors first; a long list is for `utad inspect`. */
export function sayNotes({ notes }: Pick<DataSet, 'notes'>): void {
  const sorted = [
    ...notes.filter(({ severity }) => severity === 'error'),
    ...notes.filter(({ severity }) => severity === 'warning'),
  ];
  for (const { caseId, text } of sorted.slice(0, most))
    warn(caseId === undefined ? text : `${caseId}: ${text}`);
  if (sorted.length > most)
    console.error(
      `… and ${sorted.length - most} more, which \`utad inspect\` shows, with all files by --json`,
    );
}
