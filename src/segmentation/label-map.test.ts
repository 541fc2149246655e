import { expect, it } from 'vitest';
import { labelMap, labelsFor } from './label-map.js';

const regions = ['whole', 'core', 'enhancing'];

it('paints inner regions over outer ones, from a probability of one half', () => {
  const probabilities = [
    [0.9, 0.9, 0.9, 0.5, 0.49],
    [0.1, 0.6, 0.9, 0, 0],
    [0, 0, 0.5, 0, 0],
  ].map((values) => Float32Array.from(values));
  expect([...labelMap(probabilities, regions, labelsFor(regions).labels)]).toEqual([2, 1, 4, 2, 0]);
  expect([...labelMap(probabilities, regions, labelsFor(regions, 'brats-2023').labels)]).toEqual([
    2, 1, 3, 2, 0,
  ]);
  expect([...labelMap(probabilities, regions, labelsFor(regions, 'msd').labels)]).toEqual([1, 2, 3, 1, 0]);
});

it('numbers regions that no convention knows, and refuses a convention for them', () => {
  expect(labelsFor(['liver', 'spleen'])).toEqual({ name: 'numbered', labels: { liver: 1, spleen: 2 } });
  expect(() => labelsFor(['liver'], 'msd')).toThrow(
    '--write-labels: expected numbered, or a convention that knows liver, got msd.',
  );
});
