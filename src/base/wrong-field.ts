import type { z } from 'zod';
import { type ErrorCode, fail, refuse } from './errors.js';
import { isRecord } from './is-record.js';

/**
 * Refuses a value for the first thing that a schema finds wrong with it, in the words of messages:
 * `schedule.batchSize: expected a whole number, got "eight"`.
 *
 * @param where what the value belongs to; before the field
 */
export function refuseField(
  code: ErrorCode,
  where: string,
  { path, message }: z.core.$ZodIssue,
  value: unknown,
): never {
  const field = path.length === 0 ? where : `${where}: ${path.join('.')}`;
  const got = shown(at(value, path));
  const standard = /^(?:Invalid|Too) \w+: expected (.+?)(?:, received .+)?$/s.exec(message);
  if (standard !== null) return fail(code, { where: field, expected: inWords(standard[1]!), got });
  if (!/^(?:must|needs|invalid|unrecognized)\b/i.test(message))
    return fail(code, { where: field, expected: message, got });
  const problem = message.charAt(0).toLowerCase() + message.slice(1);
  return refuse(code, { where: field, problem: got.length > 40 ? problem : `${problem}, is ${got}` });
}

const kinds: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const bounds: Readonly<Record<string, string>> = {
  '>=': 'of at least',
  '>': 'above',
  '<=': 'of at most',
  '<': 'below',
};

/** Zod's words for what it expects in plain ones: `number to be >=1` is `a number of at least 1`. */
function inWords(expected: string): string {
  const [, kind, sign, bound] = /^(\w+) to (?:be|have) (>=|>|<=|<)(.+)$/.exec(expected) ?? [];
  if (kind === undefined) {
    const choices = expected.replace(/^one of /, '');
    return kinds[expected] ?? (choices === expected ? expected : choices.replaceAll('|', ', '));
  }
  return `${kinds[kind] ?? kind} ${bounds[sign!]} ${bound}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return (inner as unknown[])[Number(key)];
    return isRecord(inner) && Object.hasOwn(inner, key) ? inner[String(key)] : undefined;
  }, value);
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
}
