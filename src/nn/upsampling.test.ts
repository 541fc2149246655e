import { expect, it } from 'vitest';
import { createGraph } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import { evaluateReference } from '../engine/graph/reference.js';
import { tensor } from '../engine/graph/tensor.js';
import { averagePool } from './average-pool.js';
import { upsampleBilinear, upsampleNearest } from './upsampling.js';

function doubled(values: readonly number[], shape: readonly number[]): number[] {
  const graph = createGraph('up', { y: upsampleBilinear(input('x', shape)) });
  return Array.from(
    evaluateReference(graph, { x: tensor(values, shape) })['y']!,
    (value) => Math.round(value * 1e5) / 1e5,
  );
}

it('keeps the corners and steps evenly between them', () => {
  expect(doubled([0, 3, 0, 3], [1, 1, 2, 2]).slice(0, 4)).toEqual([0, 1, 2, 3]);
  expect(doubled([0, 0, 6, 6], [1, 1, 2, 2]).filter((_, i) => i % 4 === 0)).toEqual([0, 2, 4, 6]);
});

it('leaves a constant image constant, channel by channel', () => {
  const result = doubled([1, 1, 1, 1, 2, 2, 2, 2], [1, 2, 2, 2]);
  expect(result.slice(0, 16).every((value) => value === 1)).toBe(true);
  expect(result.slice(16).every((value) => value === 2)).toBe(true);
});

it('repeats a single pixel', () => {
  expect(doubled([7], [1, 1, 1, 1])).toEqual([7, 7, 7, 7]);
});

it('repeats every pixel, and halves by the mean of what was repeated', () => {
  const x = input('x', [1, 2, 1, 2]);
  const twice = upsampleNearest(x);
  const values = evaluateReference(createGraph('up', { twice, back: averagePool(twice) }), {
    x: tensor([1, 2, 3, 4], x.shape),
  });
  expect(twice.shape).toEqual([1, 2, 2, 4]);
  expect(Array.from(values['twice']!)).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  expect(Array.from(values['back']!)).toEqual([1, 2, 3, 4]);
  const block = evaluateReference(createGraph('pool', { y: averagePool(input('x', [1, 1, 2, 2])) }), {
    x: tensor([1, 2, 3, 6], [1, 1, 2, 2]),
  });
  expect(Array.from(block['y']!)).toEqual([3]);
});
