import { fail } from './errors.js';
import { readFileBytes } from './files.node.js';

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
