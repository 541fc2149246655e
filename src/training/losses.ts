import { fail } from '../base/errors.js';
import { gradient } from '../engine/gradient.js';
import type { Node } from '../engine/graph.js';
import {
  absolute,
  add,
  broadcast,
  detach,
  logSoftmax,
  mean,
  meanAll,
  multiply,
  negate,
  reshape,
  scalar,
  scale,
  shift,
  sqrt,
  subtract,
  sum,
} from '../engine/operations.js';

/** Mean of a critic's source map: −mean D(x) asks to look real, +mean D(x) to look false. */
export const realness = (source: Node): Node => meanAll(source);

/** What a critic wants of real slices, and a generator of its translations: −mean D(x). */
export const adversarial = (source: Node): Node => negate(meanAll(source));

/**
 * Cross-entropy of the class head: −mean over the batch of Σₘ target·log softmax(logits).
 *
 * @param logits [N,M]
 * @param oneHot [N,M]
 */
export function crossEntropy(logits: Node, oneHot: Node): Node {
  return scale(reshape(sum(multiply(logSoftmax(logits), oneHot)), []), -1 / logits.shape[0]!);
}

/** Mean absolute difference of two tensors of the same shape. */
export function meanAbsoluteError(a: Node, b: Node): Node {
  return meanAll(absolute(subtract(a, b)));
}

/**
 * Σₙ shareₙ · mean (aₙ − bₙ)² over slices [N,1,S,S]: the mean squared difference of those that have a share.
 *
 * Squared, because what is furthest off counts most: fluid is a twentieth of the brain, and the one tissue that
 * goes from darkest to brightest.
 *
 * @param share [N,1,1,1], equal for the slices that count and 0 for all others, with sum 1 (or 0 where none counts)
 */
export function sharedSquaredError(a: Node, b: Node, share: Node): Node {
  const difference = subtract(a, b);
  const errors = mean(multiply(difference, difference), [1, 2, 3]);
  return reshape(sum(multiply(errors, share)), []);
}

/**
 * Gradient penalty: mean over the batch of (‖∇ Σ D(x̂)‖₂ − 1)², x̂ = α·real + (1−α)·fake.
 *
 * @param sourceOf the critic's source map of slices [N,1,S,S]
 * @param alpha [N,1,1,1] in [0, 1]
 * @source Gulrajani et al., Improved Training of Wasserstein GANs, 2017, algorithm 1.
 */
export function gradientPenalty(sourceOf: (x: Node) => Node, real: Node, fake: Node, alpha: Node): Node {
  const rest = shift(negate(alpha), 1);
  const mixed = add(
    multiply(broadcast(alpha, real.shape), real),
    multiply(broadcast(rest, real.shape), fake),
  );
  // The point itself is fixed: the critic's weights do not move it.
  const point = detach(mixed);
  const slope = gradient(reshape(sum(sourceOf(point)), []), [point])[0];
  if (slope === null || slope === undefined) {
    return fail('bad-argument', {
      where: 'gradientPenalty',
      expected: 'a critic that depends on its input',
      got: 'none',
    });
  }
  // [N,1,S,S] → [N,1,1,1]
  const norm = sqrt(sum(multiply(slope, slope), [1, 2, 3]));
  const excess = subtract(norm, scalar(1));
  return meanAll(multiply(excess, excess));
}
