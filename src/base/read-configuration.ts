import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { fail, refuse } from './errors.js';
import { isRecord } from './is-record.js';
import { refuseField } from './wrong-field.js';

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
    refuse('bad-configuration', {
      where: `${where}: ${field}`,
      problem: 'there is no such field',
      todo: nearestField(field, fieldNames(schema)) ?? '`utad config` lists all fields.',
    });
  }
  return refuseField('bad-configuration', where, issue, value);
}

/** One of several named starting points. @throws UtadError bad-configuration with the nearest name. */
export function presetNamed<Preset>(presets: Readonly<Record<string, Preset>>, name: string): Preset {
  if (Object.hasOwn(presets, name)) return presets[name]!;
  const names = Object.keys(presets);
  return fail('bad-configuration', {
    where: 'preset',
    expected: names.join(', '),
    got: name,
    ...didYouMean(name, names),
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
  const likely = nearest(word, known);
  return isLike(word, likely) ? { todo: `Did you mean ${likely}?` } : {};
}

/** The known word that a mistyped one is nearest to; one that begins with it comes first. */
function nearest(word: string, known: readonly string[]): string {
  return nearestBy(known, (one) => (word !== '' && one.startsWith(word) ? 0 : distance(word, one)));
}

/** Whether one word may be the other mistyped or cut short: few letters differ, and most are the same. */
function isLike(word: string, other: string): boolean {
  const [a, b] = [word, other].map((one) => one.toLowerCase().replace(/^-+/, '')) as [string, string];
  if (a.length > 2 && b.startsWith(a)) return true;
  const differing = distance(a, b);
  return differing <= 3 && differing <= 0.4 * Math.max(a.length, b.length);
}

/** The known field that a mistyped one is like: first by its own name, then by the sections before it. */
function nearestField(field: string, known: readonly string[]): string | undefined {
  const own = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
  const likely = nearestBy(known, (one) => distance(own(field), own(one)) + distance(field, one) / 1000);
  return isLike(own(field), own(likely)) ? `Did you mean ${likely}?` : undefined;
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
