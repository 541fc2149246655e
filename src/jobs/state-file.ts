import { rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { requireChecksum, withChecksum } from '../base/checksum.node.js';
import { UtadError } from '../base/errors.js';
import { readJson, requireForm, writeJson } from '../base/json.node.js';

/** Writes a small file of state whole or not at all, with its checksum. @throws UtadError io. */
export async function writeState(path: string, value: object): Promise<void> {
  await writeJson(path, withChecksum(value), 1);
}

/** Removes a small file of state, whichever version wrote it. */
export async function removeState(path: string): Promise<void> {
  for (const one of [path, earlierPath(path)]) await rm(one, { force: true });
}

/** Reads a small file of state; nothing where there is none. @throws UtadError bad-file when it is damaged or something else. */
export async function readState<S extends z.ZodType>(
  path: string,
  schema: S,
): Promise<z.infer<S> | undefined> {
  const written = (await isThere(path)) ? path : earlierPath(path);
  try {
    const todo = 'Remove the folder that it lies in to begin anew.';
    const json = await readJson(written);
    requireChecksum(json, written);
    return requireForm(json, schema, written, { expected: 'a file of utad jobs', todo });
  } catch (error) {
    if (error instanceof UtadError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** Names that version 0.1.0 gave to files of state. */
const earlierNames: Readonly<Record<string, string>> = {
  'finalised.json': 'concluded.json',
  'retried.json': 'forgiven.json',
};

function earlierPath(path: string): string {
  const name = basename(path);
  return join(dirname(path), earlierNames[name] ?? name);
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
