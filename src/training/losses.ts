import { refuse } from '../base/errors.js';
import { gradient } from '../engine/graph/gradient.js';
import type { Node } from '../engine/graph/graph.js';
import {
  absolute,
  add,
  broadcast,
  clamp,
  detach,
  divide,
  logSoftmax,
  mean,
  meanAll,
  multiply,
  negate,
  reshape,
  scalar,
  scale,
  shift,
  slice,
  sqrt,
  subtract,
  sum,
} from '../engine/graph/operations.js';

/**
 * The mean of all elements of [N,…]; with shares, Σₙ shareₙ · mean xₙ.
 *
 * @param share [N,1,1,1], with sum 1 (or 0 where no slice counts)
 */
function meanOver(x: Node, share?: Node): Node {
  if (share === undefined) return meanAll(x);
  const each = mean(x, [1, 2, 3]);
  return reshape(sum(multiply(each, share)), []);
}

/** Mean of a critic's source map: −mean D(x) asks to look real, +mean D(x) to look false. */
export function realness(source: Node, share?: Node): Node {
  return meanOver(source, share);
}

/** What a critic wants of real slices, and a generator of its translations: −mean D(x). */
export function adversarial(source: Node, share?: Node): Node {
  return negate(meanOver(source, share));
}

/**
 * Cross-entropy of the class head: −mean over the batch of Σₘ target·log softmax(logits).
 *
 * @param logits [N,M]
 * @param oneHot [N,M]
 * @param share [N,1,1,1] as in {@link meanOver}
 */
export function crossEntropy(logits: Node, oneHot: Node, share?: Node): Node {
  if (share !== undefined) {
    const each = sum(multiply(logSoftmax(logits), oneHot), [1]);
    return negate(reshape(sum(multiply(each, reshape(share, each.shape))), []));
  }
  return scale(reshape(sum(multiply(logSoftmax(logits), oneHot)), []), -1 / logits.shape[0]!);
}

/** Mean absolute difference of two tensors of the same shape; with shares as in {@link meanOver}. */
export function meanAbsoluteError(a: Node, b: Node, share?: Node): Node {
  return meanOver(absolute(subtract(a, b)), share);
}

/** How much a pixel counts by where it lies; the background counts 1. */
export interface PixelWeights {
  readonly brain: number;
  readonly tumour: number;
}

/**
 * The weight of each pixel [N,1,S,S].
 *
 * @param brain 1 or 0
 * @param mask 1 in the tumour, else 0
 */
export function weightsOfPixels(brain: Node, mask: Node, weights: PixelWeights): Node {
  const healthy = shift(scale(brain, weights.brain - 1), 1);
  // healthy + mask · (tumour − healthy)
  return add(healthy, multiply(mask, shift(negate(healthy), weights.tumour)));
}

/** Σ w·|a − b| / Σ w over all pixels: on the scale of {@link meanAbsoluteError}. */
export function weightedAbsoluteError(a: Node, b: Node, weights: Node): Node {
  const errors = multiply(weights, absolute(subtract(a, b)));
  return divide(reshape(sum(errors), []), reshape(sum(weights), []));
}

/**
 * What an error is where the truth is known. `squared`: what is furthest off counts most, as fluid, a twentieth of the
 * brain and the one tissue that goes from darkest to brightest; where several answers are possible their mean is best.
 * `absolute`: their median is, and few wild pixels do not lead.
 */
export type TruthError = 'squared' | 'absolute';

/**
 * Σₙ shareₙ · mean e(aₙ − bₙ) over slices [N,1,S,S], e(d) = d² or |d|: the mean error of those that have a share.
 *
 * @param share [N,1,1,1], equal for the slices that count and 0 for all others, with sum 1 (or 0 where none counts)
 * @param weights of pixels [N,1,S,S], which make each slice's mean a weighted one
 */
export function sharedError(kind: TruthError, a: Node, b: Node, share: Node, weights?: Node): Node {
  const each = errorsOf(kind, a, b);
  const errors =
    weights === undefined
      ? mean(each, within)
      : divide(sum(multiply(weights, each), within), sum(weights, within));
  return reshape(sum(multiply(errors, share)), []);
}

/** e(a − b) of every pixel. */
function errorsOf(kind: TruthError, a: Node, b: Node): Node {
  const difference = subtract(a, b);
  return kind === 'squared' ? multiply(difference, difference) : absolute(difference);
}

/** Axes of a slice. */
const within = [1, 2, 3];
/** What a slice without a pixel that counts is divided by. */
const hardlyAny = 1e-6;

/**
 * Σₙ shareₙ · mean |aₙ − bₙ| as of {@link sharedError}, over pixels that may be none at all: such a slice has no error.
 *
 * @param weights of pixels [N,1,S,S], 0 where nothing is known
 */
export function knownError(kind: TruthError, a: Node, b: Node, share: Node, weights: Node): Node {
  const each = errorsOf(kind, a, b);
  const errors = divide(sum(multiply(weights, each), within), shift(sum(weights, within), hardlyAny));
  return reshape(sum(multiply(errors, share)), []);
}

/** What the scale of a slice may be corrected by. */
const [leastScale, mostScale] = [0.5, 2];

/**
 * Slices brought to the scale and shift that suit others best: least squares over the pixels inside, slice by slice, the scale
 * kept between ½ and 2. No gradient goes through scale and shift.
 *
 * @param a slices [N,1,S,S]
 * @param b what they are compared with
 * @param inside [N,1,S,S], 1 where both are known, else 0
 * @source the scale- and shift-invariant loss of Ranftl et al., Towards Robust Monocular Depth Estimation, TPAMI 2022.
 */
export function scaledAndShifted(a: Node, b: Node, inside: Node): Node {
  const count = shift(sum(inside, within), hardlyAny);
  const meanInside = (x: Node): Node => divide(sum(multiply(x, inside), within), count);
  const [meanA, meanB] = [meanInside(detach(a)), meanInside(b)];
  const offA = multiply(subtract(detach(a), meanA), inside);
  const offB = multiply(subtract(b, meanB), inside);
  const variance = shift(sum(multiply(offA, offA), within), hardlyAny);
  const factor = detach(clamp(divide(sum(multiply(offA, offB), within), variance), leastScale, mostScale));
  return add(multiply(a, factor), detach(subtract(meanB, multiply(meanA, factor))));
}

/**
 * Σₙ shareₙ · mean |∇aₙ − ∇bₙ|, ∇ the differences between neighbouring columns and rows where both pixels are inside.
 *
 * @param inside [N,1,S,S], 1 where both slices are known, else 0
 */
export function gradientError(a: Node, b: Node, share: Node, inside: Node): Node {
  const difference = subtract(a, b);
  const parts = [2, 3].map((axis) => {
    const size = a.shape[axis]!;
    const [first, second] = [
      [0, size - 1],
      [1, size],
    ].map(([start, stop]) => [difference, inside].map((x) => slice(x, axis, start!, stop!))) as [
      [Node, Node],
      [Node, Node],
    ];
    const both = multiply(first[1], second[1]);
    const errors = sum(multiply(absolute(subtract(second[0], first[0])), both), within);
    return divide(errors, shift(sum(both, within), hardlyAny));
  });
  return reshape(sum(multiply(parts.reduce(add), share)), []);
}

/**
 * Gradient penalty: mean over the batch of (‖∇ Σ D(x̂)‖₂ − 1)², x̂ = α·real + (1−α)·fake.
 *
 * @param sourceOf the critic's source map of slices [N,1,S,S]
 * @param alpha [N,1,1,1] in [0, 1]
 * @param share [N,1,1,1] as in {@link meanOver}
 * @source Gulrajani et al., Improved Training of Wasserstein GANs, 2017, algorithm 1.
 */
export function gradientPenalty(
  sourceOf: (x: Node) => Node,
  real: Node,
  fake: Node,
  alpha: Node,
  share?: Node,
): Node {
  const rest = shift(negate(alpha), 1);
  const mixed = add(
    multiply(broadcast(alpha, real.shape), real),
    multiply(broadcast(rest, real.shape), fake),
  );
  // The point itself is fixed: the critic's weights do not move it.
  const point = detach(mixed);
  const slope = slopeAt(sourceOf(point), point);
  // [N,1,S,S] → [N,1,1,1]
  const norm = sqrt(sum(multiply(slope, slope), [1, 2, 3]));
  const excess = subtract(norm, scalar(1));
  return meanOver(multiply(excess, excess), share);
}

/** The gradient of a critic's summed source map by the slices it scored. */
function slopeAt(source: Node, x: Node): Node {
  const slope = gradient(reshape(sum(source), []), [x])[0];
  if (slope === null || slope === undefined) {
    return refuse('bad-argument', { where: 'critic', problem: 'its output does not depend on its input' });
  }
  return slope;
}
