import { fail } from '../base/errors.js';
import { readFileBytes, reasonOf } from '../base/files.node.js';

/**
 * Reads a file of JSON.
 *
 * @throws UtadError not-found, or bad-file when it is no JSON.
 */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readFileBytes(path));
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    return fail(
      'bad-file',
      { where: path, expected: 'JSON', got: reasonOf(cause), todo: 'Correct the file.' },
      { cause },
    );
  }
}
