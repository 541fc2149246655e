import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { noise } from '../../test/fixtures/volumes.js';
import { createRandom } from '../base/random.js';
import { brainOf, denormalise, normalise, percentileRange, zScoreRange } from './normalise.js';
import { defaultRecipe, preparationRecipeSchema } from './recipe.js';

const facts = JSON.parse(
  readFileSync(new URL('../../test/golden/nifti/facts.json', import.meta.url), 'utf8'),
) as { percentiles: { values: number[]; at: Record<string, number> } };

describe('percentileRange', () => {
  it('agrees with numpy.percentile', () => {
    const values = Float32Array.from(facts.percentiles.values);
    const all = new Uint8Array(values.length).fill(1);
    for (const [percentile, expected] of Object.entries(facts.percentiles.at)) {
      const { low, high } = percentileRange(values, all, Number(percentile), Number(percentile));
      expect(low).toBeCloseTo(expected, 9);
      expect(high).toBe(low);
    }
  });

  it.each([
    ['noise', (i: number) => Math.sin(1.3 * i * i)],
    ['few different values', (i: number) => (i * 7) % 5],
    ['one value', () => 3],
    ['sorted', (i: number) => i],
    ['sorted the other way', (i: number) => 5 - i],
  ])('finds what stands at its place in the sorted values: %s', (_, valueAt) => {
    for (const count of [1, 2, 3, 10, 101, 1000]) {
      const values = Float32Array.from({ length: count }, (_v, i) => valueAt(i));
      const sorted = values.slice().sort();
      const all = new Uint8Array(count).fill(1);
      for (const percentile of [0, 0.5, 50, 99.5, 100]) {
        const position = (percentile / 100) * (count - 1);
        const [below, share] = [Math.floor(position), position % 1];
        const [a, b] = [sorted[below]!, sorted[Math.min(below + 1, count - 1)]!];
        expect(percentileRange(values, all, 100, percentile)).toEqual({
          low: sorted.at(-1),
          high: a + (b - a) * share,
        });
      }
    }
  });

  it('looks at the brain alone', () => {
    const data = Float32Array.of(0, 5, 0, 7, 9);
    expect(percentileRange(data, brainOf(data), 0, 100)).toEqual({ low: 5, high: 9 });
    expect(() => percentileRange(data, new Uint8Array(5), 0, 100)).toThrow(/expected a brain with voxels/);
  });
});

describe('normalise', () => {
  it('scales, clamps and leaves the background at 0', () => {
    const data = Float32Array.of(0, 10, 15, 20, 30, -5);
    const brain = brainOf(data);
    const unit = normalise(data, brain, { low: 10, high: 20 });
    expect(Array.from(unit)).toEqual([0, 0, 0.5, 1, 1, 0]);
    expect(Array.from(denormalise(unit, brain, { low: 10, high: 20 }))).toEqual([0, 10, 15, 20, 20, 10]);
  });

  it('is undone where nothing was clamped', () => {
    const data = noise([10, 10, 10], 2);
    const brain = brainOf(data);
    const range = percentileRange(data, brain, 0, 100);
    const back = denormalise(normalise(data, brain, range), brain, range);
    back.forEach((value, i) => {
      expect(Math.abs(value - data[i]!)).toBeLessThan(1e-6);
    });
  });
});

describe('the recipe', () => {
  it('is checked', () => {
    expect(preparationRecipeSchema.parse(defaultRecipe(128))).toEqual({
      sliceSide: 128,
      fieldOfViewMm: 256,
      lowPercentile: 0.5,
      highPercentile: 99.5,
    });
    expect(preparationRecipeSchema.safeParse({ ...defaultRecipe(64), lowPercentile: 100 }).success).toBe(
      false,
    );
    expect(preparationRecipeSchema.safeParse({ ...defaultRecipe(64), other: 1 }).success).toBe(false);
  });
});

it('z-score: the mean becomes 0.4 and a standard deviation 0.12, whatever a few bright voxels are', () => {
  const random = createRandom('z-score');
  const data = Float32Array.from({ length: 5000 }, (_, i) => (i % 4 === 0 ? 0 : 300 + 40 * random.normal()));
  const brain = brainOf(data);
  const range = zScoreRange(data, brain);
  const unit = normalise(data, brain, range);
  const inside = unit.filter((_, i) => brain[i]);
  const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
  const deviation = Math.sqrt(inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inside.length);
  expect(mean).toBeCloseTo(0.4, 3);
  expect(deviation).toBeCloseTo(0.12, 3);
  expect(() => zScoreRange(data, new Uint8Array(data.length))).toThrow('a brain with voxels');
});
