/** Rows as comma-separated text, quoted where it must be, text that begins like a formula
 * made {@link inert}; a number that is none stays empty. */
export function csvText(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  return `${[head, ...rows].map(csvLine).join('\n')}\n`;
}

/** One row of {@link csvText}, without its end. */
export function csvLine(row: readonly (string | number | null)[]): string {
  return row.map((cell) => (typeof cell === 'string' ? quoted(cell) : figure(cell))).join(',');
}

function figure(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(7)));
}

/** Programs for tables compute what begins like a formula: an apostrophe before it makes it text. */
export function inert(text: string): string {
  return /^\s*[=+@\-\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
}

function quoted(given: string): string {
  const text = inert(given);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
