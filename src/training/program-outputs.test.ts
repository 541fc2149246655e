import { expect, it } from 'vitest';
import { tensor } from '../engine/graph/tensor.js';
import { lossValues, requireFinite } from './program-outputs.js';

const results = (values: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`term.${name}`, tensor([value], [])]));

it('gives the loss terms by the names of their program', () => {
  const given = { ...results({ real: -2, total: 3 }), 'next.G.weight': tensor([1], [1]) };
  expect(lossValues('critic', given, 7)).toEqual({ 'critic.real': -2, 'critic.total': 3 });
});

it.each([
  [
    { total: Number.NaN, gp: Number.NaN, real: 1 },
    'iteration 7, loss critic.gp: expected a finite number, got NaN',
  ],
  [{ real: Number.NEGATIVE_INFINITY }, 'loss critic.real: expected a finite number, got -Infinity'],
  [{ gp: 2e9, total: 2e10 }, 'loss critic.gp: expected at most 1000000000, got 2000000000'],
])('stops at %j, naming the term rather than the total', (values, message) => {
  expect(() => lossValues('critic', results(values), 7)).toThrow(message);
});

it('finds a tensor that is not finite before it is saved', () => {
  const good = tensor([1, -1], [2]);
  expect(() => requireFinite('teacher, iteration 3', { good })).not.toThrow();
  expect(() => requireFinite('teacher, iteration 3', { good, 'G.a': tensor([1, Number.NaN], [2]) })).toThrow(
    'teacher, iteration 3, tensor G.a: expected finite numbers, got NaN. Look at the data, or start a new run',
  );
});
