import { expect, it } from 'vitest';
import { z } from 'zod';
import { refuseField } from './wrong-field.js';

const schema = z.strictObject({
  rate: z.number().positive().optional(),
  size: z.int().min(1).max(8).optional(),
  name: z.string().optional(),
  sides: z.array(z.number()).min(2).optional(),
  kind: z.enum(['a', 'b']).optional(),
  time: z.string().regex(/^\d+$/, 'whole minutes').optional(),
  day: z.string().regex(/^\d+$/, 'must be a day').optional(),
});

it.each([
  [{ rate: 'abc' }, 'rate: expected a number, got "abc".'],
  [{ rate: 0 }, 'rate: expected a number above 0, got 0.'],
  [{ size: 9 }, 'size: expected a number of at most 8, got 9.'],
  [{ size: 1.5 }, 'size: expected a whole number, got 1.5.'],
  [{ name: 3 }, 'name: expected a text, got 3.'],
  [{ sides: [1] }, 'sides: expected a list of at least 2 items, got [1].'],
  [{ sides: [1, null] }, 'sides.1: expected a number, got null.'],
  [{ kind: 'c' }, 'kind: expected "a", "b", got "c".'],
  [{ time: 'long' }, 'time: expected whole minutes, got "long".'],
  [{ day: 'long' }, 'day: must be a day, is "long".'],
])('says what was expected and what was given: %j', (value, expected) => {
  const { error } = schema.safeParse(value);
  expect(() => refuseField('bad-value', 'file', error!.issues[0]!, value)).toThrow(`file: ${expected}`);
});
