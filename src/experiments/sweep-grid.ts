import { fail } from '../base/errors.js';

/** Fields that differ between the runs of a sweep, and their values. */
export type Grid = Readonly<Record<string, readonly unknown[]>>;

/**
 * `field=a,b,c` as `--vary` has it, added to a grid. Values are JSON, else text; commas within brackets, braces and
 * quotes separate nothing.
 *
 * @throws UtadError bad-argument for anything else, and for a field or a value that is there twice.
 */
export function addAxis(text: string, grid: Grid): Grid {
  const at = text.indexOf('=');
  const [field, values] = [text.slice(0, at).trim(), valuesOf(text.slice(at + 1))];
  const refuse = (got: string): never =>
    fail('bad-argument', {
      where: '--vary',
      expected: 'a field and its values, such as model.baseChannels=8,16, each once',
      got,
    });
  if (at < 1 || field === '' || values.some((one) => one === '')) return refuse(text);
  if (Object.hasOwn(grid, field)) return refuse(`${field} twice`);
  if (new Set(values).size < values.length) return refuse(text);
  return { ...grid, [field]: values.map(parsed) };
}

function valuesOf(text: string): string[] {
  const values = [''];
  let depth = 0;
  let quoted = false;
  for (const letter of text) {
    if (letter === '"') quoted = !quoted;
    if (!quoted && '[{'.includes(letter)) depth++;
    if (!quoted && ']}'.includes(letter)) depth--;
    if (letter === ',' && depth === 0 && !quoted) values.push('');
    else values[values.length - 1] += letter;
  }
  return values.map((one) => one.trim());
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
