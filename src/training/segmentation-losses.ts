import type { Node } from '../engine/graph/graph.js';
import {
  absolute,
  add,
  divide,
  exp,
  log,
  maximum,
  meanAll,
  multiply,
  negate,
  scalar,
  scale,
  shift,
  subtract,
  sum,
} from '../engine/graph/operations.js';

/** Keeps the Dice loss of a batch without the region finite, and 0 where nothing is found in it. */
const smooth = 1;

/**
 * Soft Dice loss: mean over regions of 1 − (2·Σ p·y + 1) / (Σ p + Σ y + 1), the sums over the whole batch, since a
 * region of a few pixels in one slice would decide that slice's overlap alone.
 *
 * @param probabilities p, [N,R,H,W] in [0, 1]
 * @param truth y, [N,R,H,W], 0 or 1
 * @source Milletari et al., V-Net, 3DV 2016, without the squares; over the batch as in Isensee et al., nnU-Net for
 *   brain tumor segmentation, BrainLes 2020.
 */
export function softDiceLoss(probabilities: Node, truth: Node): Node {
  // [N,R,H,W] → [1,R,1,1]
  const over = (x: Node): Node => sum(x, [0, 2, 3]);
  const both = shift(scale(over(multiply(probabilities, truth)), 2), smooth);
  const all = shift(add(over(probabilities), over(truth)), smooth);
  return meanAll(subtract(scalar(1), divide(both, all)));
}

/**
 * Binary cross-entropy: mean of log(1 + e^x) − x·y, which is −y·log σ(x) − (1−y)·log(1 − σ(x)) without its overflow.
 *
 * @param logits x, [N,R,H,W]
 * @param truth y, [N,R,H,W], 0 or 1
 */
export function binaryCrossEntropy(logits: Node, truth: Node): Node {
  return meanAll(subtract(softplus(logits), multiply(logits, truth)));
}

/** log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|), which no x overflows. */
function softplus(x: Node): Node {
  return add(maximum(x, scalar(0)), log(shift(exp(negate(absolute(x))), 1)));
}
