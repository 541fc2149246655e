import { outputColours } from './colours.js';

/** A table for the terminal: the first column to the left, the others to the right, the head in bold. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return [outputColours.bold(line(head)), ...rows.map(line)].join('\n');
}
