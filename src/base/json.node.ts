import { z } from 'zod';
import { fail, UtadError } from './errors.js';
import { readFileBytes, reasonOf, writeFileAtomic } from './files.node.js';
import { protectFiles } from './protected-inputs.node.js';
import { firstIssue } from './read-configuration.js';

/** What a JSON file is expected to be, for messages. */
interface JsonKind {
  /** `the record of a training run` */
  readonly expected: string;
  /** What the person can do where it is something else. */
  readonly todo?: string;
}

/**
 * Reads a file of JSON of any form.
 *
 * @throws UtadError not-found or io, or bad-file when it is no JSON.
 */
export async function readJson(path: string): Promise<unknown> {
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

/**
 * Reads a file of JSON and checks its form.
 *
 * @throws UtadError not-found or io, or bad-file when it is no JSON or of another form, naming the first wrong field.
 */
export async function readJsonAs<S extends z.ZodType>(
  path: string,
  schema: S,
  kind: JsonKind,
): Promise<z.infer<S>> {
  const text = new TextDecoder().decode(await readFileBytes(path));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return fail('bad-file', { where: path, got: 'text that is not JSON', ...kind }, { cause });
  }
  return requireForm(json, schema, path, kind);
}

/** Checks the form of what a file of JSON held. @throws UtadError bad-file, naming the first wrong field. */
export function requireForm<S extends z.ZodType>(
  value: unknown,
  schema: S,
  where: string,
  kind: JsonKind,
): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  return fail('bad-file', { where, got: firstIssue(result.error), ...kind }, { cause: result.error });
}

/** Reads a file of JSON where there is a whole one of this form. */
export async function findJson<S extends z.ZodType>(
  path: string,
  schema: S,
): Promise<z.infer<S> | undefined> {
  try {
    return await readJsonAs(path, schema, { expected: 'a file of this form' });
  } catch (error) {
    if (error instanceof UtadError) return undefined;
    throw error;
  }
}

/** Fields of a configuration out of a file. @throws UtadError not-found, or bad-file when it is no JSON object. */
export async function readJsonObject(path: string): Promise<Record<string, unknown>> {
  await protectFiles([path]);
  return readJsonAs(path, z.record(z.string(), z.unknown()), { expected: 'a JSON object of fields' });
}

/**
 * Writes a file of JSON whole or not at all.
 *
 * @param indent spaces of each level
 * @throws UtadError io as {@link writeFileAtomic}.
 */
export async function writeJson(path: string, value: object, indent = 2): Promise<void> {
  await writeFileAtomic(path, jsonText(value, indent));
}

/** The text of a file of JSON, with a line break at its end. */
export function jsonText(value: object, indent = 2): string {
  return `${JSON.stringify(value, null, indent)}\n`;
}
