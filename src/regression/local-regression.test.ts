import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.js';
import { createNodeRuntime } from '../engine/runtime/runtime.node.js';
import { createRegressorFitter, openRegressor } from './fit-regressor.js';
import { localFeatureCount, localFeatures } from './local-features.js';

const grid = { slices: 2, rows: 20, columns: 30, spacingMm: { slices: 5, rows: 2, columns: 1 } };
const area = grid.rows * grid.columns;

describe('features of a voxel', () => {
  it('are its value, means over the brain around it in its slice, and the share of brain', () => {
    const brain = new Uint8Array(2 * area).fill(1, area);
    const unit = Float32Array.from(brain, (inside, i) => (inside ? (i % grid.columns) / 30 : 0));
    const centre = 10 * grid.columns + 15;
    const found = localFeatures({ unit, brain }, grid, [1], [[centre, 0]]);
    expect(found).toHaveLength(localFeatureCount);
    const [value, near, wider, widest, share] = found.map(([first]) => first!);
    expect(value).toBeCloseTo(0.5, 6);
    // A slope has the value of its middle as mean, whatever the window, but for the slice's own edge.
    expect(near).toBeCloseTo(0.5, 2);
    expect(wider).toBeCloseTo(0.5, 2);
    expect(widest).toBeCloseTo(0.48, 1);
    expect(share).toBeGreaterThan(0.9);
    // At a corner, a quarter of the neighbourhood is brain.
    expect(found.at(-1)![1]).toBeCloseTo(0.26, 1);
    expect(localFeatures({ unit, brain }, grid, [0, 1], [[], [centre]]).map(([v]) => v)).toEqual(
      found.map(([v]) => v),
    );
  });
});

describe('local regression', () => {
  const random = createRandom('voxels');
  const features = [0, 1].map(() => Float32Array.from({ length: 6000 }, () => random.uniform()));
  const truth = features[0]!.map((value, i) => 0.2 + 0.6 * Math.abs(value - 0.5) + 0.2 * features[1]![i]!);

  it('finds a function that is not linear, and finds it again bit for bit', async () => {
    const runtime = createNodeRuntime('cpu', { threads: 1 });
    const fitter = await createRegressorFitter(runtime, 2);
    const fitted = await fitter.fit({ features, target: truth }, 'a', 150);
    expect(await fitter.fit({ features, target: truth }, 'a', 150)).toEqual(fitted);
    expect((await fitter.fit({ features, target: truth }, 'b', 3)).parameters).not.toEqual(fitted.parameters);
    await expect(fitter.fit({ features: [], target: new Float32Array() }, 'a')).rejects.toThrow(
      'local regression: expected voxels to learn from, got none',
    );
    await fitter.close();
    const open = await openRegressor(runtime, JSON.parse(JSON.stringify(fitted)) as typeof fitted);
    const found = await open.predict(features);
    await open.close();
    const error = found.reduce((sum, value, i) => sum + Math.abs(value - truth[i]!), 0) / truth.length;
    expect(error).toBeLessThan(0.05);
  });
});
