import { describe, expect, it } from 'vitest';
import { checkDifferences, numberOf } from '../../test/fixtures/central-differences.js';
import { createRandom } from '../base/random.js';
import { sizeOf } from '../base/shapes.js';
import { input } from '../engine/graph/operations.js';
import { type Tensor, tensor } from '../engine/graph/tensor.js';
import { crossingLoss, leastSquares, meanSquaredError, tracedModality } from './rival-losses.js';

const drawn = (key: string, shape: readonly number[]): Tensor => {
  const random = createRandom('rival losses', key);
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => 1.8 * random.uniform() - 0.9),
    shape,
  );
};

describe('by hand', () => {
  const map = input('map', [1, 1, 1, 2]);
  const given = { map: tensor([1, -2], map.shape) };

  it('least squares are distances from what a critic should say', () => {
    expect(numberOf(leastSquares(map, 1), given)).toBeCloseTo((0 + 9) / 2, 6);
    expect(numberOf(leastSquares(map, 0), given)).toBeCloseTo((1 + 4) / 2, 6);
  });

  it('the squared error is a mean', () => {
    const other = input('other', map.shape);
    expect(
      numberOf(meanSquaredError(map, other), { ...given, other: tensor([0, 1], map.shape) }),
    ).toBeCloseTo((1 + 9) / 2, 6);
  });

  it('the class head is asked two questions, each output by itself', () => {
    const [logits, oneHot] = [input('logits', [1, 4]), input('oneHot', [1, 2])];
    const values = { logits: tensor([2, -1, 0.5, 0], [1, 4]), oneHot: tensor([1, 0], [1, 2]) };
    const [yes, no] = [(x: number) => Math.log1p(Math.exp(-x)), (x: number) => Math.log1p(Math.exp(x))];
    expect(numberOf(tracedModality(logits, oneHot, 'real'), values)).toBeCloseTo(
      yes(2) + no(-1) + no(0.5) + no(0),
      5,
    );
    expect(numberOf(tracedModality(logits, oneHot, 'translated'), values)).toBeCloseTo(
      no(2) + no(-1) + yes(0.5) + no(0),
      5,
    );
  });

  it('the crossing loss compares on [0, 1], and outside the mask the target with nothing', () => {
    const [image, target, mask] = [
      input('image', [1, 1, 1, 3]),
      input('target', [1, 1, 1, 3]),
      input('mask', [1, 1, 1, 3]),
    ];
    const values = {
      image: tensor([1, 0, 0.5], image.shape),
      target: tensor([0, 0, -0.8], target.shape),
      mask: tensor([1, 1, 0], mask.shape),
    };
    // |1 − 0.5|, |0.5 − 0.5|, |0 − 0.1|
    expect(numberOf(crossingLoss(image, target, mask), values)).toBeCloseTo((0.5 + 0 + 0.1) / 3, 6);
  });
});

it('gradients are central differences', () => {
  const shape = [2, 1, 3, 3];
  const [a, b, mask] = [input('a', shape), input('b', shape), input('mask', shape)];
  const given = { a: drawn('a', shape), b: drawn('b', shape), mask: drawn('mask', shape) };
  checkDifferences(leastSquares(a, 1), a, given);
  checkDifferences(meanSquaredError(a, b), b, given);
  checkDifferences(crossingLoss(a, b, mask), a, given);
  checkDifferences(crossingLoss(a, b, mask), b, given);
  const [logits, oneHot] = [input('logits', [2, 6]), input('oneHot', [2, 3])];
  const ofClasses = { logits: drawn('logits', [2, 6]), oneHot: tensor([0, 1, 0, 1, 0, 0], [2, 3]) };
  checkDifferences(tracedModality(logits, oneHot, 'translated'), logits, ofClasses);
});
