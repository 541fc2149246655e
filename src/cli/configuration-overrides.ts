import { InvalidArgumentError } from 'commander';
import { fail } from '../base/errors.js';
import { readFileBytes } from '../base/files.node.js';

/** Fields of a configuration out of a file. @throws UtadError not-found, or bad-file when it is no JSON object. */
export async function readJsonObject(path: string): Promise<Record<string, unknown>> {
  const text = new TextDecoder().decode(await readFileBytes(path));
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  return fail('bad-file', { where: path, expected: 'a JSON object of fields', got: 'something else' });
}

/** Gathers `--set field=value`, which may be repeated; a value that is no JSON is a text. */
export function collectField(
  value: string,
  before: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('field=value');
  const text = value.slice(at + 1);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = text;
  }
  return { ...before, [value.slice(0, at)]: parsed };
}
