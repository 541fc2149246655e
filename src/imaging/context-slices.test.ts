import { expect, it } from 'vitest';
import { contextOffsets, contextSlicesAt } from './context-slices.js';

it('gives what lies below, from the lowest up, then what lies above; the slice itself beyond an end', () => {
  expect(contextOffsets(0)).toEqual([]);
  expect(contextOffsets(2)).toEqual([-2, -1, 1, 2]);
  // Four slices of two pixels.
  const stack = Float32Array.of(0, 1, 10, 11, 20, 21, 30, 31);
  expect([...contextSlicesAt(stack, 2, [1, 3, 0], 1)]).toEqual([0, 1, 20, 21, 20, 21, 30, 31, 0, 1, 10, 11]);
  expect([...contextSlicesAt(stack, 2, [1], 2)]).toEqual([10, 11, 0, 1, 20, 21, 30, 31]);
  expect(contextSlicesAt(stack, 2, [0, 1], 0)).toHaveLength(0);
});
