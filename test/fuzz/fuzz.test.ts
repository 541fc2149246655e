import { afterAll, describe, expect, it } from 'vitest';
import { emptyTally, fuzz } from './fuzz.js';
import { fuzzTargets } from './targets/index.js';

describe.each(fuzzTargets)('a broken file for $name', (target) => {
  afterAll(() => target.close?.());

  const cases = target.slow ? 20 : 150;

  it(`is read or refused with one clear error, in ${cases} cases`, async () => {
    const tally = emptyTally();
    const failure = await fuzz(target, { seed: 20261123, cases }, tally);
    expect(failure?.reason).toBeUndefined();
    // Both answers must occur, or the inputs are too tame or too wild to try anything.
    expect(tally.accepted).toBeGreaterThan(0);
    expect(Object.keys(tally.refused).length > 0).toBe(target.refusesNothing !== true);
  });
});
