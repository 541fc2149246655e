import { describe, expect, it } from 'vitest';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { backgroundOf, foregroundOf } from './foreground.js';
import { prepareVolume } from './prepare.js';
import { completeRecipe, defaultRecipe, preparationRecipeSchema } from './recipe.js';
import { preparedRange } from './record.js';
import { restoreVolume } from './restore.js';

const values = Float32Array.of(-1000, -500, -499, 0, 40, -0);

describe('foreground rules', () => {
  it('see what is not 0, or what is brighter than a value', () => {
    expect([...foregroundOf(values, { kind: 'nonzero' })]).toEqual([1, 1, 1, 0, 1, 0]);
    expect([...foregroundOf(values, { kind: 'above', value: -500 })]).toEqual([0, 0, 1, 1, 1, 1]);
  });

  it('say what a volume holds outside', () => {
    expect(backgroundOf({ kind: 'nonzero' })).toBe(0);
    expect(backgroundOf({ kind: 'above', value: -500 })).toBe(-500);
    expect(backgroundOf({ kind: 'above', value: -500, background: -1000 })).toBe(-1000);
  });

  it('are chosen by modality where a recipe has one of its own for it', () => {
    const ct = { kind: 'above', value: -500 } as const;
    const recipe = { ...defaultRecipe(64), foregroundByModality: { ct } };
    expect(completeRecipe(recipe, 'ct').foreground).toEqual(ct);
    expect(completeRecipe(recipe, 'mr').foreground).toEqual({ kind: 'nonzero' });
    expect(completeRecipe({ ...recipe, foreground: ct }, 'mr').foreground).toEqual(ct);
    expect(preparationRecipeSchema.safeParse({ ...recipe, foreground: { kind: 'above' } }).success).toBe(
      false,
    );
  });
});

describe('a body in CT', () => {
  // Air of −1000 with noise, a body between 50 and 850 HU less 300.
  const head = smoothHead([60, 60, 12], [4, 4, 10]);
  const data = head.data.map((value, i) => (value === 0 ? -1000 - (i % 3) : value - 300));
  const ct = { ...head, data };
  const recipe = {
    ...defaultRecipe(64),
    lowPercentile: 0,
    highPercentile: 100,
    foreground: { kind: 'above', value: -500, background: -1000 } as const,
  };

  it('is prepared without being cut out, and restored with air around it', () => {
    const { slices, brain, record } = prepareVolume(ct, recipe, 'ct.nii');
    expect(brain.reduce((sum, inside) => sum + inside, 0)).toBe(head.data.filter((v) => v !== 0).length);
    const back = restoreVolume(slices, record, preparedRange(record));
    back.data.forEach((value, i) => {
      const expected = head.data[i] === 0 ? -1000 : data[i]!;
      if (Math.abs(value - expected) > 1e-3) expect.fail(`voxel ${i}: ${value} instead of ${expected}`);
    });
  });

  it('is refused where nothing is brighter than the rule says', () => {
    const dark = { ...recipe, foreground: { kind: 'above', value: 3000 } as const };
    expect(() => prepareVolume(ct, dark, 'ct.nii')).toThrow(
      'ct.nii: expected voxels above 3000, got an empty volume: every voxel is background. Check the file.',
    );
  });
});
