import { expect, it } from 'vitest';
import { cycleError, spreadOf, summariseMap } from './disagreement.js';

const brain = Uint8Array.from([1, 1, 1, 0]);

it('cycle error is the distance on [0, 1] in the brain, of values as they would be written', () => {
  const error = cycleError(Float32Array.from([-1, 0, 1, -1]), Float32Array.from([-0.5, 0, 1.5, 1]), brain);
  expect([...error]).toEqual([0.25, 0, 0, 0]);
});

it('spread is the standard deviation over sources on [0, 1]', () => {
  const made = [
    [0, 0.5, -1, 1],
    [0, -0.5, -1.2, 1],
    [0, 0, -1, -1],
  ].map((values) => Float32Array.from(values));
  const spread = spreadOf(made, brain);
  expect(spread[0]).toBe(0);
  expect(spread[1]).toBeCloseTo(Math.sqrt(0.5 / 3) / 2, 6);
  expect([spread[2], spread[3]]).toEqual([0, 0]);
  expect(() => spreadOf(made.slice(0, 1), brain)).toThrow('expected translations from two sources, got 1');
});

it('a map is summarised where there is brain', () => {
  const map = Float32Array.from({ length: 101 }, (_, i) => i / 100);
  const everywhere = new Uint8Array(101).fill(1);
  expect(summariseMap(map, everywhere).mean).toBeCloseTo(0.5, 6);
  expect(summariseMap(map, everywhere).percentile95).toBeCloseTo(0.95, 6);
  expect(
    summariseMap(
      map,
      everywhere.map((_, i) => (i < 50 ? 1 : 0)),
    ).mean,
  ).toBeCloseTo(0.245, 6);
  expect(() => summariseMap(map, new Uint8Array(101))).toThrow('expected a brain, got an empty mask');
});
