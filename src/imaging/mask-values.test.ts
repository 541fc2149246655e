import { describe, expect, it } from 'vitest';
import { smoothHead } from '../../test/fixtures/volumes.js';
import { readVolumeFile } from './formats/volume-file.node.js';
import { countOf, doubtfulSize, requireMaskValues, requirePartOfBody } from './mask-values.js';
import { prepareMask, prepareVolume } from './prepare.js';
import { defaultRecipe } from './recipe.js';
import type { Volume } from './volume.js';

const pathOf = (name: string): string =>
  new URL(`../../test/cases/masks-with-fractions/${name}.nii.gz`, import.meta.url).pathname;
const recipe = { ...defaultRecipe(64), fieldOfViewMm: 400 };
const refusal = (work: () => unknown): string => {
  try {
    work();
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a brain mask', () => {
  it.each([
    ['brain_linear', /values that are not whole numbers, such as \d\S*\. Save the mask as whole numbers;/],
    ['brain_nan_outside', /values that are NaN/],
    ['brain_inverted', /is not 0 on 100 % of every side of the volume\. Check whether it is inverted/],
  ])('is refused: %s', async (name, message) => {
    const [volume, brain] = [await readVolumeFile(pathOf('head_t1')), await readVolumeFile(pathOf(name))];
    expect(refusal(() => prepareVolume(volume, recipe, 'head', { brain }))).toMatch(message);
  });

  it('is taken where it is 1 inside, and where it is any other whole number', async () => {
    const [volume, brain] = [
      await readVolumeFile(pathOf('head_t1')),
      await readVolumeFile(pathOf('brain_binary')),
    ];
    const inside = countOf(prepareVolume(volume, recipe, 'head', { brain }).brain);
    const of255: Volume = { ...brain, data: brain.data.map((value) => 255 * value) };
    expect(countOf(prepareVolume(volume, recipe, 'head', { brain: of255 }).brain)).toBe(inside);
    expect(inside).toBeGreaterThan(0);
  });

  it('is refused with values below 0, and where it fills the whole volume', () => {
    const head = smoothHead([30, 30, 10], [8, 8, 14]);
    const of = (value: number): Volume => ({ ...head, data: head.data.map(() => value) });
    expect(refusal(() => prepareVolume(head, recipe, 'head', { brain: of(-1) }))).toMatch(/values below 0/);
    expect(refusal(() => prepareVolume(head, recipe, 'head', { brain: of(1) }))).toMatch(/inverted/);
  });
});

describe('a tumour mask', () => {
  it.each(['data-39999', 'data-rounding'])(
    'is refused with labels that are near whole numbers: %s',
    async (name) => {
      const mask = await readVolumeFile(pathOf(`${name}/P1/P1_seg`));
      expect(refusal(() => requireMaskValues(mask, 'mask'))).toMatch(
        /^mask: expected a mask of whole numbers, 0 outside, got values that are not whole numbers, such as (3\.9\d*|2\.0\d*)\. Save the mask as whole numbers/,
      );
    },
  );

  it('is refused by preparing where it was resampled linearly', async () => {
    const head = smoothHead([30, 30, 10], [8, 8, 14]);
    const { record } = prepareVolume(head, recipe);
    const mask: Volume = { ...head, data: head.data.map((value) => (value > 700 ? 0.4 : 0)) };
    expect(refusal(() => prepareMask(mask, (label) => label > 0, record))).toMatch(/not whole numbers/);
  });

  it('is a part of the brain', () => {
    expect([
      doubtfulSize(17, 100),
      doubtfulSize(40, 100),
      doubtfulSize(60, 100),
      doubtfulSize(60, 0),
    ]).toEqual([undefined, 'warning', 'error', undefined]);
    expect(refusal(() => requirePartOfBody(100, 100, 'seg'))).toMatch(
      /^seg: expected a tumour, which is a part of the brain, got a mask that is 100 % as large as the brain/,
    );
  });
});
