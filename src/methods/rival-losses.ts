import { sizeOf } from '../base/shapes.js';
import type { Node } from '../engine/graph/graph.js';
import {
  absolute,
  clamp,
  concat,
  constant,
  meanAll,
  multiply,
  scale,
  shift,
  subtract,
} from '../engine/graph/operations.js';
import { binaryCrossEntropy } from '../training/segmentation-losses.js';

/** Mean squared difference of two tensors of the same shape. */
export function meanSquaredError(a: Node, b: Node): Node {
  const difference = subtract(a, b);
  return meanAll(multiply(difference, difference));
}

/**
 * Mean squared distance of a critic's source map from what it should say: 1 of real slices, 0 of translated ones; a generator
 * wants 1.
 *
 * @source Mao et al., Least Squares GAN, ICCV 2017, eq. 9; as CycleGAN (Zhu et al., ICCV 2017) has it.
 */
export function leastSquares(source: Node, wanted: 0 | 1): Node {
  const distance = shift(source, -wanted);
  return meanAll(multiply(distance, distance));
}

/**
 * Binary cross-entropy of a class head that also tells what a slice was translated from: summed over its 2·M outputs, mean over
 * the batch.
 *
 * @param logits [N,2M]: real in modality k, then translated from modality k
 * @param oneHot [N,M]
 * @param kind which half of the outputs `oneHot` is of; the other half should say no
 */
export function tracedModality(logits: Node, oneHot: Node, kind: 'real' | 'translated'): Node {
  const none = constant(new Float32Array(sizeOf(oneHot.shape)), oneHot.shape);
  // [N,M] twice → [N,2M]
  const wanted = concat(kind === 'real' ? [oneHot, none] : [none, oneHot], 1);
  return scale(binaryCrossEntropy(logits, wanted), logits.shape[1]!);
}

/**
 * How far the target in a translated slice is from the translated target: mean |mask · denorm(image) − denorm(target)|, both
 * on [0, 1].
 *
 * @source Chen, Wei, Li: TarGAN, MICCAI 2021, crossing loss.
 */
export function crossingLoss(image: Node, target: Node, mask: Node): Node {
  return meanAll(absolute(subtract(multiply(mask, toUnit(image)), toUnit(target))));
}

/** From [−1, 1] to [0, 1], clamped. */
function toUnit(image: Node): Node {
  return clamp(scale(shift(image, 1), 0.5), 0, 1);
}
