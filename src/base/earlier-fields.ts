import { fail, refuse } from './errors.js';
import { isRecord } from './is-record.js';

/** How an earlier version named the fields of a configuration. */
export interface EarlierFields {
  /** Earlier name → today's, with the sections before it. */
  readonly renamed: Readonly<Record<string, string>>;
  /** Earlier name, with the object before it → the value that left the option off. The option is gone. */
  readonly removed: Readonly<Record<string, unknown>>;
}

/** Whether some fields are named as an earlier version did. */
export function hasEarlierFields(fields: Readonly<Record<string, unknown>>, earlier: EarlierFields): boolean {
  return Object.keys(fields).some((name) => isEarlier(name, earlier));
}

/**
 * A configuration that an earlier version wrote, as this version writes it. Fields that have today's names stay.
 *
 * @param where the file that it comes from, for messages
 * @throws UtadError not-supported where an option is on that was removed, naming it.
 */
export function convertEarlier(
  fields: Readonly<Record<string, unknown>>,
  earlier: EarlierFields,
  where: string,
): Record<string, unknown> {
  const converted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(withoutRemoved(fields, earlier, where, ''))) {
    const [first, ...rest] = name.split('.') as [string, ...string[]];
    put(converted, [...(own(earlier.renamed, first) ?? first).split('.'), ...rest], value);
  }
  return converted;
}

/**
 * Refuses fields that have the names of an earlier version.
 *
 * @param where the option that they were given with
 * @throws UtadError bad-configuration, with today's name; not-supported for an option that was removed.
 */
export function refuseEarlier(
  fields: Readonly<Record<string, unknown>>,
  earlier: EarlierFields,
  where: string,
): void {
  for (const [name, value] of Object.entries(fields)) {
    if (Object.hasOwn(earlier.removed, name)) refuseRemoved(where, name, value);
    const [first, ...rest] = name.split('.') as [string, ...string[]];
    const renamed = own(earlier.renamed, first);
    if (renamed === undefined) continue;
    fail('bad-configuration', {
      where: `${where}: ${name}`,
      expected: [renamed, ...rest].join('.'),
      got: 'the name of version 0.1.0',
    });
  }
}

/** @throws UtadError not-supported, naming the option that is gone. */
export function refuseRemoved(where: string, option: string, value: unknown): never {
  return refuse('not-supported', {
    where,
    problem: `the option ${option} (here ${JSON.stringify(value)}) was removed after version 0.1.0`,
    todo: 'Leave it out, or use version 0.1.0; docs/experiments.md says what it brought.',
  });
}

function isEarlier(name: string, { renamed, removed }: EarlierFields): boolean {
  return Object.hasOwn(removed, name) || Object.hasOwn(renamed, name.split('.', 1)[0]!);
}

function withoutRemoved(
  fields: Readonly<Record<string, unknown>>,
  earlier: EarlierFields,
  where: string,
  prefix: string,
): Record<string, unknown> {
  const kept = Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
    const path = prefix + name;
    if (!Object.hasOwn(earlier.removed, path))
      return [[name, isRecord(value) ? withoutRemoved(value, earlier, where, `${path}.`) : value]];
    if (value !== undefined && value !== earlier.removed[path]) refuseRemoved(where, path, value);
    return [];
  });
  return Object.fromEntries(kept);
}

/** Sets a value within objects; beside what is there, where both are objects. */
function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first, ...rest] = path as [string, ...string[]];
  const before = target[first];
  if (rest.length === 0) {
    target[first] = isRecord(before) && isRecord(value) ? { ...before, ...value } : value;
    return;
  }
  const inner: Record<string, unknown> = isRecord(before) ? { ...before } : {};
  put(inner, rest, value);
  target[first] = inner;
}

function own(names: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(names, name) ? names[name] : undefined;
}
