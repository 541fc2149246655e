import { describe, expect, it } from 'vitest';
import { checkDifferences, numberOf } from '../../test/fixtures/central-differences.js';
import { createRandom } from '../base/random.js';
import { sizeOf } from '../base/shapes.js';
import { gradient } from '../engine/graph/gradient.js';
import { createGraph, type Node } from '../engine/graph/graph.js';
import { input, multiply, tanh } from '../engine/graph/operations.js';
import { evaluateReference } from '../engine/graph/reference.js';
import { type Tensor, type Tensors, tensor } from '../engine/graph/tensor.js';
import { criticSpecs, scoreSlices } from '../model/critic.js';
import { cutTumour } from '../model/tumour-image.js';
import { weightedSum } from './loss-table.js';
import {
  adversarial,
  crossEntropy,
  gradientError,
  gradientPenalty,
  knownError,
  meanAbsoluteError,
  realness,
  scaledAndShifted,
  sharedError,
  type TruthError,
  weightedAbsoluteError,
  weightsOfPixels,
} from './losses.js';
import { initialNetworks, parameterInputs } from './networks.js';

const model = {
  modalities: ['a', 'b', 'c'],
  sliceSide: 32,
  baseChannels: 2,
  levels: 2,
  criticBaseChannels: 2,
  criticLayers: 4,
};
const slices = [2, 1, 32, 32];

function drawn(key: string, shape: readonly number[], low = -1, high = 1): Tensor {
  const random = createRandom('losses', key);
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * random.uniform()),
    shape,
  );
}

describe('losses by hand', () => {
  const map = input('map', [2, 1, 1, 2]);
  const given = { map: tensor([1, 2, 3, 6], [2, 1, 1, 2]) };

  it('mean the source map, with the sign of who asks', () => {
    expect(numberOf(realness(map), given)).toBeCloseTo(3, 6);
    expect(numberOf(adversarial(map), given)).toBeCloseTo(-3, 6);
  });

  it('cross-entropy of equal logits is the logarithm of their number', () => {
    const logits = input('logits', [2, 4]);
    const oneHot = input('oneHot', [2, 4]);
    const values = {
      logits: tensor(new Float32Array(8).fill(5), [2, 4]),
      oneHot: tensor([1, 0, 0, 0, 0, 0, 1, 0], [2, 4]),
    };
    expect(numberOf(crossEntropy(logits, oneHot), values)).toBeCloseTo(Math.log(4), 6);
  });

  it('absolute error is a mean', () => {
    const other = input('other', [2, 1, 1, 2]);
    const values = { ...given, other: tensor([0, 4, 3, 5], [2, 1, 1, 2]) };
    expect(numberOf(meanAbsoluteError(map, other), values)).toBeCloseTo((1 + 2 + 0 + 1) / 4, 6);
  });

  it('the penalty of a linear critic is how far the norm of its weights is from one', () => {
    const [real, fake, weights] = ['real', 'fake', 'weights'].map((name) => input(name, [1, 1, 1, 2])) as [
      Node,
      Node,
      Node,
    ];
    const alpha = input('alpha', [1, 1, 1, 1]);
    const values = {
      real: tensor([1, 2], [1, 1, 1, 2]),
      fake: tensor([0, 0], [1, 1, 1, 2]),
      weights: tensor([3, 4], [1, 1, 1, 2]),
      alpha: tensor([0.3], [1, 1, 1, 1]),
    };
    // ‖(3, 4)‖ = 5, (5 − 1)² = 16
    expect(
      numberOf(
        gradientPenalty((x) => multiply(x, weights), real, fake, alpha),
        values,
      ),
    ).toBeCloseTo(16, 5);
  });

  it('pixels count by where they lie', () => {
    const shape = [1, 1, 1, 3];
    const [a, b, brain, mask] = ['a', 'b', 'brain', 'mask'].map((name) => input(name, shape)) as [
      Node,
      Node,
      Node,
      Node,
    ];
    const values = {
      // Errors 1 in the background, 2 in the brain, 4 in the tumour.
      a: tensor([1, 2, 4], shape),
      b: tensor([0, 0, 0], shape),
      brain: tensor([0, 1, 1], shape),
      mask: tensor([0, 0, 1], shape),
      share: tensor([1], [1, 1, 1, 1]),
    };
    const weights = weightsOfPixels(brain, mask, { brain: 3, tumour: 6 });
    expect(numberOf(weightedAbsoluteError(a, b, weights), values)).toBeCloseTo((1 + 6 + 24) / 10, 6);
    const share = input('share', [1, 1, 1, 1]);
    expect(numberOf(sharedError('squared', a, b, share, weights), values)).toBeCloseTo((1 + 12 + 96) / 10, 6);
    expect(numberOf(sharedError('absolute', a, b, share, weights), values)).toBeCloseTo((1 + 6 + 24) / 10, 6);
    const alike = weightsOfPixels(brain, mask, { brain: 1, tumour: 1 });
    expect(numberOf(weightedAbsoluteError(a, b, alike), values)).toBeCloseTo(7 / 3, 6);
  });

  it('counts errors by the share of each slice', () => {
    const [a, b, share] = [input('a', [2, 1, 1, 2]), input('b', [2, 1, 1, 2]), input('share', [2, 1, 1, 1])];
    const values = { a: tensor([1, 2, 5, 5], a.shape), b: tensor([0, 4, 0, 0], b.shape) };
    const errorFor = (kind: TruthError, shares: number[]): number =>
      numberOf(sharedError(kind, a, b, share), { ...values, share: tensor(shares, share.shape) });
    expect(errorFor('squared', [1, 0])).toBeCloseTo(2.5, 6);
    expect(errorFor('squared', [0.5, 0.5])).toBeCloseTo(13.75, 6);
    expect(errorFor('absolute', [0.5, 0.5])).toBeCloseTo(3.25, 6);
    expect(errorFor('squared', [0, 0])).toBe(0);
  });

  it('leaves slices without a share out of a mean', () => {
    const share = input('share', [2, 1, 1, 1]);
    const some = { ...given, share: tensor([0, 1], [2, 1, 1, 1]) };
    expect(numberOf(realness(map, share), some)).toBeCloseTo(4.5, 6);
    expect(numberOf(adversarial(map, share), some)).toBeCloseTo(-4.5, 6);
    const logits = input('logits', [2, 2]);
    const values = {
      ...some,
      logits: tensor([9, -9, 0, Math.log(3)], [2, 2]),
      oneHot: tensor([0, 1, 0, 1], [2, 2]),
    };
    expect(numberOf(crossEntropy(logits, input('oneHot', [2, 2]), share), values)).toBeCloseTo(
      Math.log(4 / 3),
      6,
    );
    const [x, weights, alpha] = [
      input('x', [2, 1, 1, 2]),
      input('weights', [1, 1, 1, 2]),
      input('alpha', [2, 1, 1, 1]),
    ];
    // The slope of x² is 2x: of norm 10 at (3, 4), of norm 2 at (0, 1).
    const slopes = {
      x: tensor([0, 1, 3, 4], x.shape),
      weights: tensor([1, 1], weights.shape),
      alpha: tensor([0, 0], alpha.shape),
      share: some.share,
    };
    const squares = (of: Node): Node => multiply(multiply(of, of), weights);
    expect(numberOf(gradientPenalty(squares, x, x, alpha, share), slopes)).toBeCloseTo(81, 4);
    const none = { ...some, share: tensor([0, 0], [2, 1, 1, 1]) };
    expect(numberOf(meanAbsoluteError(map, map, share), none)).toBe(0);
    expect(numberOf(realness(map, share), none)).toBe(0);
  });

  it('weighs each term by the weight of its own key', () => {
    const [a, b] = [input('a', []), input('b', [])];
    const values = { a: tensor([2], []), b: tensor([5], []) };
    expect(numberOf(weightedSum({ a, b }, { a: 10, b: 0.5 }), values)).toBeCloseTo(22.5, 6);
  });

  it('cuts the tumour out of its slice and leaves background', () => {
    const [image, mask] = [input('image', [1, 1, 1, 3]), input('mask', [1, 1, 1, 3])];
    const values = { image: tensor([0.5, 0.5, -1], [1, 1, 1, 3]), mask: tensor([1, 0, 1], [1, 1, 1, 3]) };
    const cut = evaluateReference(createGraph('cut', { cut: cutTumour(image, mask) }), values)['cut']!;
    expect(Array.from(cut)).toEqual([0.5, -1, -1]);
  });
});

describe('losses agree with central differences', () => {
  const critic = parameterInputs('D', criticSpecs(model));
  const given: Tensors = {
    ...initialNetworks({ D: criticSpecs(model) }, 3),
    real: drawn('real', slices),
    fake: drawn('fake', slices),
    alpha: drawn('alpha', [2, 1, 1, 1], 0, 1),
    oneHot: tensor([0, 1, 0, 1, 0, 0], [2, 3]),
  };
  const [real, fake] = [input('real', slices), input('fake', slices)];
  const kernel = critic['main.2.weight'] as Node<'input'>;

  it('adversarial, by the image', () =>
    checkDifferences(adversarial(scoreSlices(model, critic, fake).source), fake, given));
  it('realness, by a kernel', () =>
    checkDifferences(realness(scoreSlices(model, critic, real).source), kernel, given));
  it('cross-entropy, by a kernel', () => {
    checkDifferences(
      crossEntropy(scoreSlices(model, critic, real).modality, input('oneHot', [2, 3])),
      kernel,
      given,
    );
  });
  it('absolute error, by the image', () =>
    checkDifferences(meanAbsoluteError(tanh(real), fake), real, given));
  it('gradient penalty, by a kernel: a second derivative', () => {
    const penalty = gradientPenalty(
      (x) => scoreSlices(model, critic, x).source,
      real,
      fake,
      input('alpha', [2, 1, 1, 1]),
    );
    checkDifferences(penalty, kernel, given);
    // The mixed point is fixed: nothing flows back into the images.
    expect(gradient(penalty, [fake])).toEqual([null]);
  });
});

describe('losses where only a part of a slice is known', () => {
  const shape = [2, 1, 8, 8];
  const [a, b, inside] = ['a', 'b', 'inside'].map((name) => input(name, shape)) as [Node, Node, Node];
  const share = input('share', [2, 1, 1, 1]);
  const given = {
    a: drawn('a', shape),
    b: drawn('b', shape),
    // The left half of the first slice, nothing of the second.
    inside: tensor(
      Float32Array.from({ length: 128 }, (_, i) => Number(i < 64 && i % 8 < 4)),
      shape,
    ),
    share: tensor([0.5, 0.5], [2, 1, 1, 1]),
  };
  const known = [...Array(64).keys()].filter((i) => i % 8 < 4);
  const differences = known.map((i) => given.a.data[i]! - given.b.data[i]!);

  it('a slice without a pixel that counts has no error', () => {
    const expected = differences.reduce((sum, d) => sum + Math.abs(d), 0) / known.length / 2;
    expect(numberOf(knownError('absolute', a, b, share, inside), given)).toBeCloseTo(expected, 5);
    const squares = differences.reduce((sum, d) => sum + d * d, 0) / known.length / 2;
    expect(numberOf(knownError('squared', a, b, share, inside), given)).toBeCloseTo(squares, 5);
  });

  it('the best scale and shift takes out what brightness and contrast cost, and no more', () => {
    const error = knownError('absolute', scaledAndShifted(a, b, inside), b, share, inside);
    const dimmed = {
      ...given,
      a: tensor(
        given.b.data.map((value) => 0.7 * value - 0.2),
        shape,
      ),
    };
    expect(numberOf(error, dimmed)).toBeLessThan(1e-4);
    // A scale beyond what may be corrected is corrected as far as may be.
    const faint = {
      ...given,
      a: tensor(
        given.b.data.map((value) => 0.25 * value),
        shape,
      ),
    };
    const mean = known.reduce((sum, i) => sum + given.b.data[i]!, 0) / known.length;
    const left =
      known.reduce((sum, i) => sum + Math.abs(0.5 * (given.b.data[i]! - mean)), 0) / known.length / 2;
    expect(numberOf(error, faint)).toBeCloseTo(left, 4);
    // What has the opposite contrast is no better for it.
    const inverted = {
      ...given,
      a: tensor(
        given.b.data.map((value) => -value),
        shape,
      ),
    };
    expect(numberOf(error, inverted)).toBeGreaterThan(left);
  });

  it('no gradient goes through scale and shift', () => {
    const slope = gradient(knownError('squared', scaledAndShifted(a, b, inside), b, share, inside), [a])[0]!;
    const values = evaluateReference(createGraph('slope', { slope }), given)['slope']!;
    const means = (x: Tensor): number => known.reduce((sum, i) => sum + x.data[i]!, 0) / known.length;
    const [meanA, meanB] = [means(given.a), means(given.b)];
    const sums = known.map((i) => [given.a.data[i]! - meanA, given.b.data[i]! - meanB] as const);
    const raw = sums.reduce((sum, [x, y]) => sum + x * y, 0) / sums.reduce((sum, [x]) => sum + x * x, 0);
    const factor = Math.min(2, Math.max(0.5, raw));
    const expected = known.map(
      (i) => (factor * (factor * (given.a.data[i]! - meanA) - (given.b.data[i]! - meanB))) / known.length,
    );
    known.forEach((i, k) => {
      expect(values[i]).toBeCloseTo(expected[k]!, 4);
    });
    expect(values.slice(64).every((value) => value === 0)).toBe(true);
  });

  it('gradients are compared between neighbours that are both inside', () => {
    const d = (i: number): number => given.a.data[i]! - given.b.data[i]!;
    const mean = (pairs: readonly (readonly [number, number])[]): number =>
      pairs.reduce((sum, [i, j]) => sum + Math.abs(d(j) - d(i)), 0) / pairs.length;
    const down = known.filter((i) => i < 56).map((i) => [i, i + 8] as const);
    const right = known.filter((i) => i % 8 < 3).map((i) => [i, i + 1] as const);
    expect(numberOf(gradientError(a, b, share, inside), given)).toBeCloseTo(
      (mean(down) + mean(right)) / 2,
      5,
    );
  });
});
