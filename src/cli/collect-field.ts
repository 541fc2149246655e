import { InvalidArgumentError } from 'commander';

/** Gathers `--set field=value`, which may be repeated; a value that is no JSON is a text. */
export function collectField(
  value: string,
  before: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It takes a field and its value: field=value.');
  const text = value.slice(at + 1);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = text;
  }
  const name = value.slice(0, at);
  // The last one counts: it comes last.
  const { [name]: _, ...others } = before;
  return { ...others, [name]: parsed };
}
