import { expect, it } from 'vitest';
import { inputsOf, setup, update } from '../../test/fixtures/small-update-run.js';
import type { Graph } from '../engine/graph/graph.js';
import type { Tensors } from '../engine/graph/tensor.js';
import { publishedWeights } from '../training/utad-losses.js';
import { criticUpdate } from './utad-update.js';

const withoutPenalty = {
  ...publishedWeights,
  critic: { ...publishedWeights.critic, gp: 0 },
};

it('a penalty without a weight is not in the program', async () => {
  const [whole, without] = [setup, { ...setup, weights: withoutPenalty }].map(criticUpdate) as [Graph, Graph];
  expect(inputsOf(whole)).toContain('alpha');
  expect(inputsOf(without)).not.toContain('alpha');
  expect(inputsOf(without)).not.toContain('beta');
  const [before, after] = await Promise.all([update(whole), update(without)]);
  expect(Object.keys(before)).toContain('term.gp');
  expect(Object.keys(after).filter((name) => name.includes('gp'))).toEqual([]);
  const number = (results: Tensors, name: string): number => results[`term.${name}`]!.data[0]!;
  expect(number(after, 'total')).toBeCloseTo(number(before, 'total') - 10 * number(before, 'gp'), 4);
});
