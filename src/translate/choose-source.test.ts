import { describe, expect, it } from 'vitest';
import { tinyMetadata, trainingFacts } from '../../test/fixtures/tiny-model.js';
import { chooseSource } from './choose-source.js';

const score = (source: string, target: string, ssim: number) => ({ source, target, ssim, mae: 0.1 });
const validated = tinyMetadata({
  training: trainingFacts([
    score('t1', 'flair', 0.7),
    score('t1ce', 'flair', 0.9),
    score('t2', 'flair', 0.8),
    score('t1', 't2', 0.6),
  ]),
});
const first = "first in the model's order";

describe('the source of a missing modality', () => {
  it.each([
    ['the best direction', ['t1', 't1ce', 't2'], 'flair', 't1ce', /^best of .* \(SSIM 0\.900\)$/],
    ['the best of those that are there', ['t1', 't2'], 'flair', 't2', /^best of .* \(SSIM 0\.800\)$/],
    ['a validated one before others', ['t1', 't1ce'], 't2', 't1', /^best of .* \(SSIM 0\.600\)$/],
    ['the first where none was validated', ['flair', 't2'], 't1', 't2', first],
    ['never the target itself', ['flair', 't1'], 'flair', 't1', /^best of/],
  ])('is %s', (_, present, target, source, chosenBy) => {
    expect(chooseSource(target, present, validated)).toEqual({
      source,
      chosenBy: expect.stringMatching(chosenBy),
    });
  });

  it('is the first in the order of a model that does not say how it was validated', () => {
    const silent = [null, { ...trainingFacts([]), validation: null }, trainingFacts([])];
    for (const training of silent)
      expect(chooseSource('flair', ['t2', 't1ce'], tinyMetadata({ training }))).toEqual({
        source: 't1ce',
        chosenBy: first,
      });
  });

  it('is what is asked for, or nothing where that is not there', () => {
    expect(chooseSource('flair', ['t1', 't1ce'], validated, 't1')).toEqual({
      source: 't1',
      chosenBy: '--from',
    });
    expect(chooseSource('flair', ['t1ce'], validated, 't1')).toBeUndefined();
    expect(chooseSource('flair', ['flair', 'pd'], validated)).toBeUndefined();
  });
});
