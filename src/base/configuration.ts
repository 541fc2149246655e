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
  const issue = result.error.issues[0]!;
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

/** The known word that a mistyped one is nearest to. */
export function nearest(word: string, known: readonly string[]): string {
  return known.reduce(
    (best, one) => (distance(word, one) < distance(word, best) ? one : best),
    known[0] ?? '',
  );
}
