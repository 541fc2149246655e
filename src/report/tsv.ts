import { inert } from './csv.js';

/**
 * Rows as tab-separated text in the way of BIDS: what is not known is `n/a`; tabs and line ends within a cell become
 * spaces.
 *
 * @source BIDS 1.10, tabular files.
 */
export function tsvText(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  return `${[head, ...rows].map((row) => row.map(cellText).join('\t')).join('\n')}\n`;
}

function cellText(cell: string | number | null): string {
  const plain = cell === null ? '' : String(cell).replace(/\s+/g, ' ').trim();
  const text = typeof cell === 'string' ? inert(plain) : plain;
  return text === '' ? 'n/a' : text;
}
