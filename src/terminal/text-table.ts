import { alignedText, plainTable, type Table } from '../report/table.js';
import { outputColours } from './colours.js';

/** A table for the terminal, the head in bold. */
export function terminalTable(table: Table): string {
  return plainTable(table, outputColours.bold);
}

/** Rows of text as a table for the terminal: the first column to the left, the others to the right unless said otherwise. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly align?: 'left' } = {},
): string {
  return alignedText(head, rows, { ...options, bold: outputColours.bold });
}
