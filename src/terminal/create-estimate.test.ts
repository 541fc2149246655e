import { expect, it } from 'vitest';
import { createEstimate } from './create-estimate.js';

it('estimates the time left from what came after the first unit, and says nothing before', () => {
  const left = createEstimate(100);
  expect(left(0, 0)).toBeNull();
  // The first took a minute: something was opened for it.
  expect(left(1, 60_000)).toBeNull();
  expect(left(2, 61_000)).toBeNull();
  expect(left(3, 62_000)).toBeNull();
  expect(left(11, 70_000)).toBeCloseTo(89, 6);
});

it('counts what an earlier run finished for nothing', () => {
  const left = createEstimate(100, 50);
  expect(left(50, 0)).toBeNull();
  expect(left(51, 5000)).toBeNull();
  expect(left(61, 15_000)).toBeCloseTo(39, 6);
});
