import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { fail } from './errors.js';

/**
 * Checks a value against its schema.
 *
 * @param where the file or option it came from, for messages
 * @throws UtadError bad-configuration, naming the first wrong field; for an unknown key, the nearest known one.
 */
export function readConfiguration<S extends z.ZodObject>(
  schema: S,
  value: unknown,
  where: string,
): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A mistyped key also makes the right one missing: the mistake is named, not its consequence.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    const known = Object.keys(schema.shape);
    fail('bad-configuration', {
      where: `${where}: ${key}`,
      expected: 'a known field',
      got: 'one that does not exist',
      todo: `Did you mean ${nearest(key, known)}?`,
    });
  }
  const path = issue.path.length === 0 ? where : `${where}: ${issue.path.join('.')}`;
  return fail('bad-configuration', { where: path, expected: 'a valid value', got: issue.message });
}

/** One of several named starting points. @throws UtadError bad-configuration with the nearest name. */
export function presetNamed<Preset>(presets: Readonly<Record<string, Preset>>, name: string): Preset {
  if (Object.hasOwn(presets, name)) return presets[name]!;
  const names = Object.keys(presets);
  return fail('bad-configuration', {
    where: 'preset',
    expected: names.join(', '),
    got: name,
    todo: `Did you mean ${nearest(name, names)}?`,
  });
}

/** Fields within objects are overridden one by one, whether written as objects or with a dot. */
export function withOverrides(base: object, overrides: Readonly<Record<string, unknown>>): object {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(overrides)) {
    const [field, inner] = name.split('.', 2) as [string, string | undefined];
    const before = merged[field];
    const given = inner === undefined ? value : { [inner]: value };
    merged[inner !== undefined && before === undefined ? name : field] =
      isRecord(before) && isRecord(given) ? { ...before, ...given } : given;
  }
  return merged;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first thing that a schema found wrong: `training.0.image: Invalid input: expected string, received number`. */
export function firstIssue({ issues }: z.ZodError): string {
  const { path, message } = issues[0]!;
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

/** What to do about a mistyped word; nothing where no known word is like it. */
export function didYouMean(word: string, known: readonly string[]): { readonly todo?: string } {
  const likely = nearest(word, known);
  const isLike = distance(word, likely) < Math.max(word.length, likely.length);
  return isLike ? { todo: `Did you mean ${likely}?` } : {};
}

/** The known word that a mistyped one is nearest to. */
export function nearest(word: string, known: readonly string[]): string {
  return known.reduce(
    (best, one) => (distance(word, one) < distance(word, best) ? one : best),
    known[0] ?? '',
  );
}
