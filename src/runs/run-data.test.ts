import { expect, it } from 'vitest';
import type { CaseFiles } from '../datasets/case.js';
import type { DataSet } from '../datasets/data-set.js';
import { withUnmasked } from './run-data.js';

const volume = { path: 'x.nii.gz' };
const one = (id: string, masked: boolean, modality = 't1'): CaseFiles => ({
  id,
  modalities: { [modality]: volume },
  ...(masked ? { mask: volume } : {}),
});
const [a, held, bare] = [one('a', true), one('p_ses-1', true), one('b', false)];
const again = one('p_ses-2', false);
const foreign = one('c', false, 'adc');
const cases = [a, held, bare, again, foreign];
const split = { train: [a], validation: [held], unused: [] };
const ids = (layout: DataSet['layout']): string[] =>
  withUnmasked(split, { cases, layout }, ['t1', 't2']).train.map(({ id }) => id);

it('lets cases without a mask train, unless their patient is held out or has no modality of these', () => {
  expect(ids('brats')).toEqual(['a', 'b']);
});

it('counts no case twice where those without a mask are learnt from anyway', () => {
  const train = withUnmasked({ ...split, train: [a, bare] }, { cases, layout: 'brats' }, ['t1']).train;
  expect(train.map(({ id }) => id)).toEqual(['a', 'b']);
});

it("keeps a challenge's test cases out", () => {
  expect(ids('nnunet')).toEqual(['a']);
  expect(ids('msd')).toEqual(['a']);
});
