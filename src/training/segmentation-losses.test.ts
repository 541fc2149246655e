import { describe, expect, it } from 'vitest';
import { checkDifferences, numberOf } from '../../test/fixtures/central-differences.js';
import { createRandom } from '../base/random.js';
import { input } from '../engine/graph/operations.js';
import { tensor } from '../engine/graph/tensor.js';
import { sigmoid } from '../model/segmenter-network.js';
import { binaryCrossEntropy, softDiceLoss } from './segmentation-losses.js';

const shape = [2, 2, 1, 3];
const [guess, truth] = [input('guess', shape), input('truth', shape)];
const answers = tensor([1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0], shape);

describe('losses of a segmenter', () => {
  it('Dice is 0 for the truth, over the whole batch and for a region that is nowhere', () => {
    expect(numberOf(softDiceLoss(guess, truth), { guess: answers, truth: answers })).toBeCloseTo(0, 6);
  });

  it('Dice is a mean over regions of sums over the batch', () => {
    // First region: p·y = 0.5 + 0.5, Σp = 1.5, Σy = 3; second: p nowhere right, Σp = 1, Σy = 0.
    const found = tensor([0.5, 0, 0.5, 1, 0, 0, 0.5, 0, 0, 0, 0, 0], shape);
    const first = 1 - (2 * 1 + 1) / (1.5 + 3 + 1);
    const second = 1 - 1 / (1 + 0 + 1);
    expect(numberOf(softDiceLoss(guess, truth), { guess: found, truth: answers })).toBeCloseTo(
      (first + second) / 2,
      6,
    );
  });

  it('cross-entropy is −log of the right answer’s probability, also where that would overflow', () => {
    const logits = tensor([2, -1, 0, -300, -300, -300, 300, 300, -300, -300, -300, -300], shape);
    const right = [1 / (1 + Math.exp(-2)), 1 - 1 / (1 + Math.exp(1)), 0.5];
    const expected = right.reduce((sum, p) => sum - Math.log(p), 0) / 12;
    expect(numberOf(binaryCrossEntropy(guess, truth), { guess: logits, truth: answers })).toBeCloseTo(
      expected,
      6,
    );
    const wrong = tensor([-300, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], shape);
    const value = numberOf(binaryCrossEntropy(guess, truth), { guess: wrong, truth: answers });
    expect(value).toBeCloseTo((300 + 11 * Math.log(2)) / 12, 4);
  });

  it('agree with central differences', () => {
    const random = createRandom('segmentation losses');
    const given = { guess: tensor(Float32Array.from({ length: 12 }, random.normal), shape), truth: answers };
    checkDifferences(softDiceLoss(sigmoid(guess), truth), guess, given);
    checkDifferences(binaryCrossEntropy(guess, truth), guess, given);
  });
});
