import { fail } from './errors.js';

/** Kinds of arguments: how they are told apart, and what they are called in messages. */
const kinds = {
  text: ['a text', (value: unknown) => typeof value === 'string'],
  bytes: ['a Uint8Array', (value: unknown) => value instanceof Uint8Array],
  object: ['an object', (value: unknown) => isObject(value)],
  list: ['a list', (value: unknown) => Array.isArray(value)],
  map: ['a Map', (value: unknown) => value instanceof Map],
  function: ['a function', (value: unknown) => typeof value === 'function'],
} as const satisfies Record<string, readonly [string, (value: unknown) => boolean]>;

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an argument is required to be; with a `?` it may be left out. */
type Kind = keyof typeof kinds | `${keyof typeof kinds}?`;

/**
 * Requires that a function of the package was called with the kinds of arguments that it declares, which programs
 * without types may not know.
 *
 * @param call the function's name, for messages
 * @param given each argument, or field of one, by its name: its value and its kind
 * @throws UtadError bad-argument, naming the first that is none of its kind.
 */
export function requireArguments(
  call: string,
  given: Readonly<Record<string, readonly [value: unknown, kind: Kind]>>,
): void {
  for (const [name, [value, kind]] of Object.entries(given)) {
    const [title, isKind] = kinds[kind.replace('?', '') as keyof typeof kinds];
    if (isKind(value) || (kind.endsWith('?') && value === undefined)) continue;
    fail('bad-argument', { where: call, expected: `${name} as ${title}`, got: describe(value) });
  }
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `“${value}”`;
  if (typeof value === 'object') return `an object (${value.constructor?.name ?? 'without a class'})`;
  return typeof value === 'function' ? 'a function' : `${typeof value} ${String(value)}`;
}
