import type { DataSet } from '../datasets/data-set.js';
import { warn } from './warn.js';

/** Says on the error stream what the data set's files left unclear; a long list is for `utad inspect`. */
export function sayNotes({ notes }: DataSet): void {
  const most = 8;
  for (const { caseId, text } of notes.slice(0, most))
    warn(caseId === undefined ? text : `${caseId}: ${text}`);
  if (notes.length > most) console.error(`… and ${notes.length - most} more, which utad inspect shows`);
}
