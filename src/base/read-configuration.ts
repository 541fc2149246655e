import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { fail } from './errors.js';
import { isRecord } from './is-record.js';

/**
 * Checks a value against its schema.
 *
 * @param where the file or option it came from, for messages
 * @throws UtadError bad-configuration, naming the first wrong field; for an unknown field, the nearest known one.
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
    const field = [...issue.path, issue.keys[0]!].join('.');
    fail('bad-configuration', {
      where: `${where}: ${field}`,
      expected: 'a known field',
      got: 'one that does not exist',
      todo: `Did you mean ${nearestField(field, fieldNames(schema))}?`,
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

/** Objects within objects are merged down to this depth; what lies deeper is a value as a whole. */
const mergedDepth = 2;

/**
 * A configuration with other values for some fields, in the order in which they are given.
 *
 * @param overrides fields by their names with dots (`optimiser.learningRate`), as nested objects, or both
 */
export function withOverrides(base: object, overrides: Readonly<Record<string, unknown>>): object {
  let merged = base;
  for (const [name, value] of Object.entries(overrides)) {
    const nested = name.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);
    merged = merge(merged, nested as object, mergedDepth);
  }
  return merged;
}

function merge(base: object, over: object, depth: number): object {
  const result: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const before = result[name];
    result[name] = depth > 0 && isRecord(before) && isRecord(value) ? merge(before, value, depth - 1) : value;
  }
  return result;
}

/** The value of a field by its name with dots, among fields that are nested, named with dots, or both. */
export function fieldOf(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  return name
    .split('.')
    .reduce<unknown>((inner, part) => (isRecord(inner) ? inner[part] : undefined), withOverrides({}, fields));
}

/** The first thing that a schema found wrong: `training.0.image: Invalid input: expected string, received number`. */
export function firstIssue({ issues }: z.ZodError): string {
  const { path, message } = issues[0]!;
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

/** What to do about a mistyped word; nothing where no known word is like it. */
export function didYouMean(word: string, known: readonly string[]): { readonly todo?: string } {
  const longer = word.length < 3 ? undefined : known.find((one) => one.startsWith(word));
  const likely = longer ?? nearest(word, known);
  const isLike = 2 * distance(word, likely) <= Math.max(word.length, likely.length);
  return isLike || longer !== undefined ? { todo: `Did you mean ${likely}?` } : {};
}

/** The known word that a mistyped one is nearest to. */
export function nearest(word: string, known: readonly string[]): string {
  return nearestBy(known, (one) => distance(word, one));
}

/** The known field nearest to a mistyped one: first by its own name, then by the sections before it. */
function nearestField(field: string, known: readonly string[]): string {
  const own = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
  return nearestBy(known, (one) => distance(own(field), own(one)) + distance(field, one) / 1000);
}

/** The parts of a schema's definition that lead to its fields. */
interface Definition extends z.core.$ZodTypeDef {
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly innerType?: z.core.$ZodType;
}

/** The names of all fields of a configuration, and of its sections. */
function fieldNames(schema: z.core.$ZodType, prefix = ''): string[] {
  const { shape, innerType }: Definition = schema._zod.def;
  if (innerType !== undefined) return fieldNames(innerType, prefix);
  return Object.entries(shape ?? {}).flatMap(([key, field]) => [
    prefix + key,
    ...fieldNames(field, `${prefix}${key}.`),
  ]);
}

function nearestBy(known: readonly string[], far: (one: string) => number): string {
  return known.reduce((best, one) => (far(one) < far(best) ? one : best), known[0] ?? '');
}
