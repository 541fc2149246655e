import type { z } from 'zod';
import { UtadError } from '../base/errors.js';
import { readJsonAs, writeJson } from '../base/json.node.js';

/** Writes a small file of state whole or not at all. @throws UtadError io. */
export async function writeState(path: string, value: object): Promise<void> {
  await writeJson(path, value, 1);
}

/** Reads a small file of state; nothing where there is none. @throws UtadError bad-file when it is something else. */
export async function readState<S extends z.ZodType>(
  path: string,
  schema: S,
): Promise<z.infer<S> | undefined> {
  try {
    const todo = 'Remove the folder that it lies in to begin anew.';
    return await readJsonAs(path, schema, { expected: 'a file of utad jobs', todo });
  } catch (error) {
    if (error instanceof UtadError && error.code === 'not-found') return undefined;
    throw error;
  }
}
