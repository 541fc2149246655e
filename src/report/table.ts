import { type Cell, dataOf, textOf } from './cell.js';
import { csvText } from './csv.js';
import { type Html, table as htmlTableOf } from './html-page.js';

/** A column of a table: its head, and how a row's cell is made. */
export interface Column<Row> {
  readonly head: string;
  /** Name in data files; the head where it is left out. */
  readonly key?: string;
  /** Stands above this column and its neighbours of the same group. */
  readonly group?: string;
  readonly cell: (row: Row) => Cell;
}

/** A table, however it is shown. */
export interface Table {
  readonly heads: readonly string[];
  readonly keys: readonly string[];
  readonly groups: readonly { readonly text: string; readonly span: number }[];
  readonly rows: readonly (readonly Cell[])[];
  readonly caption: string | undefined;
}

/** Fills a table's columns. */
export function tableOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[], caption?: string): Table {
  return {
    heads: columns.map(({ head }) => head),
    keys: columns.map(({ key, head }) => key ?? head),
    groups: groupsOf(columns.map(({ group = '' }) => group)),
    rows: rows.map((row) => columns.map(({ cell }) => cell(row))),
    caption,
  };
}

/** A table on a page. */
export function htmlTable({ heads, rows, groups, caption }: Table): Html {
  return htmlTableOf(heads, rows, {
    ...(caption === undefined ? {} : { caption }),
    ...(groups.some(({ text }) => text !== '') ? { groups } : {}),
  });
}

/** A table as comma-separated text. */
export function csvTable({ keys, rows }: Table): string {
  return csvText(
    keys,
    rows.map((row) => row.map(dataOf)),
  );
}

/**
 * A table as plain text with aligned columns; a star marks differences that are decided.
 *
 * @param bold how the head stands out
 */
export function plainTable({ heads, rows }: Table, bold?: (text: string) => string): string {
  const cells = rows.map((row) =>
    row.map((cell) => {
      const decided = typeof cell !== 'string' && (cell.tone === 'better' || cell.tone === 'worse');
      return decided ? `${textOf(cell)}*` : textOf(cell);
    }),
  );
  return alignedText(heads, cells, bold === undefined ? {} : { bold });
}

/** Rows of text in columns: the first to the left, the others to the right unless said otherwise. */
export function alignedText(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly bold?: (text: string) => string; readonly align?: 'left' } = {},
): string {
  const { bold = (text: string) => text, align } = options;
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 || align === 'left' ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [bold(line(heads)), ...rows.map(line)].join('\n');
}

function groupsOf(names: readonly string[]): Table['groups'] {
  const groups: { text: string; span: number }[] = [];
  for (const name of names) {
    const last = groups.at(-1);
    if (last !== undefined && last.text === name) last.span++;
    else groups.push({ text: name, span: 1 });
  }
  return groups;
}
