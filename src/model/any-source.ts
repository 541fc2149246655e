import type { Node } from '../engine/graph/graph.js';
import {
  add,
  clamp,
  concat,
  detach,
  multiply,
  reshape,
  scale,
  shift,
  subtract,
  sum,
} from '../engine/graph/operations.js';
import { averagePool } from '../nn/average-pool.js';
import { addBias, convolutionSpecs, convolve } from '../nn/convolution.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import { upsampleBilinear, upsampleCentred } from '../nn/upsampling.js';
import type { GeneratorConfiguration } from './network-configuration.js';
import {
  block,
  blockSpecs,
  decodeFeatures,
  encode,
  encoderSpecs,
  featureDecoderSpecs,
  type Task,
} from './unet.js';

/** What fixes the shape of a network of any sources. */
type Sizes = Pick<
  GeneratorConfiguration,
  'modalities' | 'levels' | 'baseChannels' | 'detailChannels' | 'tumourMask'
>;

/** What a network of any sources is given. */
interface AnySourceInput {
  /** A patient's slice in every modality [N,M,S,S] in [−1, 1]; those that are not given are −1 throughout. */
  readonly sources: Node;
  /** Which ones are given [N,M], 1 or 0. */
  readonly present: Node;
  /** One-hot target modality [N,M]. */
  readonly target: Node;
  /** Where the tumour is [N,1,S,S], 1 or 0, for a network that is given it; null for others. */
  readonly mask: Node | null;
  /** Where the translation has brain [N,1,S,S]; where any source has it when left out. */
  readonly brain?: Node;
}

/** What a network of any sources gives. */
interface AnySourceResult {
  /** The translated slices [N,1,S,S], near [−1, 1]; −1 where no source has brain. */
  readonly image: Node;
  /** The deepest features [N, f·2^L, S/2^(L+1), S/2^(L+1)], which are distilled. */
  readonly bottleneck: Node;
}

const [encoder, decoder, value, gain, head] = ['encoder', 'decoder', 'value', 'gain', 'detail'] as const;
/** Channels of the small head at full resolution where a configuration does not say. */
const defaultDetailChannels = 16;
/** On the scale of 0 to 2: the mean of a brain by z-score, where training starts. */
const startValue = 0.8;

/** Parameters of a network of any sources. */
export function anySourceSpecs({
  modalities: { length: count },
  levels,
  baseChannels,
  detailChannels = defaultDetailChannels,
  tumourMask = false,
}: Sizes): ParameterSpec[] {
  const condition = { kind: 'set', count: 2 * count } as const;
  const sizes = { baseChannels, levels, condition };
  return [
    ...encoderSpecs(encoder, { inputs: count + Number(tumourMask), ...sizes }),
    ...featureDecoderSpecs(decoder, sizes),
    // For every target a value, and a gain for each source.
    ...startingAt(startValue, value, baseChannels, count),
    ...startingAt(0, gain, baseChannels, count * count),
    ...blockSpecs(head, baseChannels + 3 * count + Number(tumourMask), detailChannels, condition),
    ...startingAt(0, `${head}.score`, detailChannels, 1),
  ];
}

/**
 * Translates slices from any set of a patient's other modalities. A U-Net sees them at half the resolution and gives, for each
 * place, a value and a gain for every source; the translation is the value, and each source's own fine detail (the slice less
 * its smoothed self) times its gain, and what a small head at the full resolution adds. So fine structures come from the
 * scans, at a quarter of the cost of a U-Net at the full resolution. Biases behind every norm say which sources are given, and
 * which target is asked for.
 */
export function translateAnySource(
  { levels }: Sizes,
  parameters: Parameters,
  { sources, present, target, mask, brain = brainOfAny(sources) }: AnySourceInput,
): AnySourceResult {
  const task: Task = { kind: 'set', oneHot: concat([present, target], 1) };
  // Background is 0, as the border of a convolution and as a modality that is not given.
  const given = shift(sources, 1);
  const planes = mask === null ? given : concat([given, mask], 1);

  // [N,M,S,S] → [N,M,S/2,S/2], and back without what is finer
  const coarse = averagePool(planes);
  const detail = subtract(given, upsampleCentred(mask === null ? coarse : averagePool(given)));
  const { deepest, skips } = encode(parameters, encoder, coarse, task, levels);
  const features = decodeFeatures(parameters, decoder, deepest, skips, task);

  const values = upsampleCentred(ofTarget(linear(parameters, value, features), target));
  const gains = upsampleCentred(ofTarget(linear(parameters, gain, features), target));
  const transferred = sum(multiply(gains, detail), [1]);

  const seen = concat(
    [upsampleBilinear(features), given, detail, gains, ...(mask === null ? [] : [mask])],
    1,
  );
  const refined = block(parameters, head, seen, task);
  const image = add(add(values, transferred), linear(parameters, `${head}.score`, refined));
  return { image: shift(multiply(image, brain), -1), bottleneck: deepest };
}

/** 1 where any of the given slices [N,M,S,S] is above its background of −1, else 0: [N,1,S,S]. */
export function brainOfAny(sources: Node): Node {
  return detach(clamp(scale(sum(shift(sources, 1), [1]), 2 ** 20), 0, 1));
}

/** Of M·C channels [N, M·C, s, s], target by target, those of the target asked for: [N,C,s,s]. */
function ofTarget(all: Node, target: Node): Node {
  const [batch, channels, height, width] = all.shape as [number, number, number, number];
  const count = target.shape[1]!;
  const numbers = (channels / count) * height * width;
  const chosen = multiply(reshape(all, [batch, count, numbers]), reshape(target, [batch, count, 1]));
  return reshape(sum(chosen, [1]), [batch, channels / count, height, width]);
}

/** A 1×1 convolution with bias. */
function linear(parameters: Parameters, name: string, x: Node): Node {
  return addBias(parameters, name, convolve(parameters, name, x, 1, 0));
}

/** Parameters of a {@link linear} that gives a constant before it has learnt anything. */
function startingAt(constant: number, name: string, inputs: number, outputs: number): ParameterSpec[] {
  return convolutionSpecs(name, { inputs, outputs, kernel: 1 }, 'weight').map((spec) => ({
    ...spec,
    initialiser: { kind: 'constant', value: spec.name.endsWith('.bias') ? constant : 0 },
  }));
}
