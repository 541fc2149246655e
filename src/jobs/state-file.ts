import type { z } from 'zod';
import { fail, UtadError } from '../base/errors.js';
import { readFileBytes, writeFileAtomic } from '../base/files.node.js';

/** Writes a small file of state whole or not at all. @throws UtadError io. */
export async function writeState(path: string, value: object): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 1)}\n`);
}

/** Reads a small file of state; nothing where there is none. @throws UtadError bad-file when it is something else. */
export async function readState<S extends z.ZodType>(
  path: string,
  schema: S,
): Promise<z.infer<S> | undefined> {
  let text: string;
  try {
    text = new TextDecoder().decode(await readFileBytes(path));
  } catch (error) {
    if (error instanceof UtadError && error.code === 'not-found') return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const todo = 'Remove the folder that it lies in to begin anew.';
    return fail(
      'bad-file',
      { where: path, expected: 'a file of utad jobs', got: 'something else', todo },
      { cause },
    );
  }
}
