import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runGolden } from './compare.js';

const golden = fileURLToPath(new URL('../golden/utad-f2-s32', import.meta.url));

it('reproduces the published network, and the updates of its student', async () => {
  const rows = await runGolden(golden, 'float64', ['student']);
  expect(rows.filter(({ group }) => group.startsWith('eval.'))).toHaveLength(5);
  expect(rows.length).toBeGreaterThan(15);
  for (const { group, error, limit } of rows) expect(error, group).toBeLessThanOrEqual(limit);
  // Elements whose Adam step has an open sign are few, or the comparison would say nothing.
  expect(rows.reduce((sum, { leftOut }) => sum + (leftOut ?? 0), 0)).toBeLessThan(20);
});

it('names the file that is missing', async () => {
  await expect(runGolden('/nowhere/golden', 'float64')).rejects.toThrow(
    '/nowhere/golden.safetensors: there is no such file',
  );
});
