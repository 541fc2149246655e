import { expect, it } from 'vitest';
import { createGraph } from '../engine/graph.js';
import { input } from '../engine/operations.js';
import { evaluateReference } from '../engine/reference.js';
import { tensor } from '../engine/tensor.js';
import { upsampleBilinear } from './upsampling.js';

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
