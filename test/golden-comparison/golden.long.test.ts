import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runGolden } from './compare.js';

const golden = fileURLToPath(new URL('../golden/utad-f2-s32', import.meta.url));

it('reproduces the published network in both stages: results, losses, gradients, updated weights', async () => {
  const rows = await runGolden(golden, 'float64');
  expect(rows).toHaveLength(31);
  for (const { group, error, limit } of rows) expect(error, group).toBeLessThanOrEqual(limit);
  // Elements whose Adam step has an open sign are few, or the comparison would say nothing.
  expect(rows.reduce((sum, { leftOut }) => sum + (leftOut ?? 0), 0)).toBeLessThan(20);
});

it('agrees with the published network in float32 where float32 can', async () => {
  const rows = await runGolden(golden, 'float32');
  for (const { group, error, limit } of rows) expect(error, group).toBeLessThanOrEqual(limit);
  const forward = rows.filter(({ group }) => group.startsWith('eval.'));
  expect(forward).toHaveLength(5);
  for (const { group, error } of forward) expect(error, group).toBeLessThan(1e-3);
});
