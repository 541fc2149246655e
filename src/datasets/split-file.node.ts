import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../base/errors.js';
import { readInput, reasonOf } from '../base/files.node.js';
import { firstIssue } from '../base/read-configuration.js';
import { type GivenSplit, givenSplitSchema } from './split.js';

/**
 * Reads a split of the form `{ "train": [ids], "validation": [ids] }`.
 *
 * @throws UtadError not-found, or bad-configuration when it is not of this form.
 */
export async function readSplitFile(path: string): Promise<GivenSplit> {
  const text = new TextDecoder().decode(await readInput(path));
  const refuse = (got: string): never =>
    fail('bad-configuration', {
      where: path,
      expected: '{ "train": [case ids], "validation": [case ids] }',
      got,
      todo: 'Correct the file.',
    });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return refuse(`no JSON (${reasonOf(cause)})`);
  }
  const parsed = givenSplitSchema.safeParse(json);
  return parsed.success ? parsed.data : refuse(firstIssue(parsed.error));
}

/** The `split.json` of a data set folder, if it has one. */
export async function findSplitFile(folder: string): Promise<GivenSplit | undefined> {
  const path = join(folder, 'split.json');
  return existsSync(path) ? await readSplitFile(path) : undefined;
}
