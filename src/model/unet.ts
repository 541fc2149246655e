import type { Node } from '../engine/graph/graph.js';
import {
  add,
  concat,
  instanceNorm,
  leakyRelu,
  matmul,
  maxPool,
  multiply,
  reshape,
  sum,
  tanh,
} from '../engine/graph/operations.js';
import { addBias, convolutionSpecs, convolve } from '../nn/convolution.js';
import { kaimingNormal, type ParameterSpec, type Parameters } from '../nn/parameters.js';
import { upsampleBilinear } from '../nn/upsampling.js';

const normEpsilon = 1e-5;
const slope = 0.01;
/** Tasks differ from the start, by half the deviation that a norm leaves. */
const ownBiasDeviation = 0.5;

/** What each slice is to become: one-hot [N,T] among the targets or the pairs, or ones for a set [N,T]; undefined for a published network. */
export type Task = { readonly kind: ConditionKind; readonly oneHot: Node } | undefined;

/** What an encoder gives: its deepest features and the result of every level, finest first. */
export interface EncoderResult {
  readonly deepest: Node;
  readonly skips: readonly Node[];
}

/** What fixes the shape of an encoder or a decoder. */
interface UnetSizes {
  /** Features of the finest level. */
  readonly baseChannels: number;
  readonly levels: number;
  /** What has biases behind every norm and weights in the last layer of its own; nothing has, when left out. */
  readonly condition?: ConditionSize | undefined;
}

/** What the network is given of its task. */
export interface ConditionSize {
  /** Whether each target, or each pair of source and target, has parameters of its own. */
  readonly kind: ConditionKind;
  /** How many targets or pairs there are. */
  readonly count: number;
}

/**
 * `target`: each target is a task; `pair`: each pair of source and target, and the last layer sees the source; `set`: which
 * sources are given and the target, one beside the other.
 */
type ConditionKind = 'target' | 'pair' | 'set';

/** Parameters of an encoder: `levels` blocks of f·2^i features and the centre of f·2^levels. */
export function encoderSpecs(
  name: string,
  { inputs, baseChannels: features, levels, condition }: UnetSizes & { readonly inputs: number },
): ParameterSpec[] {
  const blocks = Array.from({ length: levels }, (_, level) =>
    blockSpecs(
      `${name}.features.convblock${level + 1}`,
      level === 0 ? inputs : features * 2 ** (level - 1),
      features * 2 ** level,
      condition,
    ),
  );
  return [
    ...blocks.flat(),
    ...blockSpecs(`${name}.center_conv`, features * 2 ** (levels - 1), features * 2 ** levels, condition),
  ];
}

/**
 * [N,C,S,S] → the deepest features [N, f·2^L, S/2^L, S/2^L] and the skips.
 *
 * @param task [N,M] for an encoder whose targets have biases of their own, else null
 */
export function encode(
  parameters: Parameters,
  name: string,
  x: Node,
  task: Task,
  levels: number,
): EncoderResult {
  const skips: Node[] = [];
  let value = x;
  for (let level = 1; level <= levels; level++) {
    const skip = block(parameters, `${name}.features.convblock${level}`, value, task);
    skips.push(skip);
    // [N,C,H,W] → [N,C,H/2,W/2]
    value = maxPool(skip);
  }
  return { deepest: block(parameters, `${name}.center_conv`, value, task), skips };
}

/** Parameters of a decoder without its last layer: `levels` times up to half the features. */
export function featureDecoderSpecs(
  name: string,
  { baseChannels: features, levels, condition }: UnetSizes,
): ParameterSpec[] {
  return Array.from({ length: levels }, (_, i) => {
    const outputs = features * 2 ** (levels - 1 - i);
    return [
      ...unitSpecs(`${name}.features.upconv${i + 1}.up.1`, 2 * outputs, outputs, condition),
      ...blockSpecs(`${name}.features.convblock${i + 1}`, 2 * outputs, outputs, condition),
    ];
  }).flat();
}

/** Parameters of a decoder: those of its features, then the 1×1 score. */
export function decoderSpecs(name: string, sizes: UnetSizes): ParameterSpec[] {
  const { baseChannels: features, condition } = sizes;
  return [
    ...featureDecoderSpecs(name, sizes),
    ...convolutionSpecs(`${name}.score`, { inputs: features, outputs: 1, kernel: 1 }, 'weight'),
    ...ownWeightSpecs(`${name}.score`, features, condition),
  ];
}

/** Bottleneck [N, f·2^L, s, s] and skips → features of the finest level [N,f,S,S]. */
export function decodeFeatures(
  parameters: Parameters,
  name: string,
  bottleneck: Node,
  skips: readonly Node[],
  task: Task,
): Node {
  let value = bottleneck;
  [...skips].reverse().forEach((skip, i) => {
    // [N,C,H,W] → [N,C/2,2H,2W]
    const up = unit(parameters, `${name}.features.upconv${i + 1}.up.1`, upsampleBilinear(value), task);
    value = block(parameters, `${name}.features.convblock${i + 1}`, concat([skip, up], 1), task);
  });
  return value;
}

/**
 * Bottleneck [N, f·2^L, s, s] and skips → image [N,1,S,S] in (−1, 1).
 *
 * @param source [N,1,S,S], what the encoder of these skips was given
 */
export function decode(
  parameters: Parameters,
  name: string,
  bottleneck: Node,
  skips: readonly Node[],
  source: Node,
  task: Task,
): Node {
  const value = decodeFeatures(parameters, name, bottleneck, skips, task);
  const score = `${name}.score`;
  const common = addBias(parameters, score, convolve(parameters, score, value, 1, 0));
  const weights = task && parameters[ownWeightName(score, task.kind)];
  if (!weights) return tanh(common);
  // [N,f,S,S], and with the source [N,f+1,S,S]
  const seen = task.kind === 'pair' ? concat([value, source], 1) : value;
  // [N,T]·[T,C] → [N,C,1,1]; the sum over channels is a 1×1 convolution of each slice's own.
  const own = reshape(matmul(task.oneHot, weights), [seen.shape[0]!, seen.shape[1]!, 1, 1]);
  return tanh(add(common, sum(multiply(seen, own), [1])));
}

/** Two units in a row: [N,C,S,S] → [N,C',S,S]. */
export function block(parameters: Parameters, name: string, x: Node, task: Task): Node {
  return unit(parameters, `${name}.conv2`, unit(parameters, `${name}.conv1`, x, task), task);
}

/** Parameters of a {@link block}. */
export function blockSpecs(
  name: string,
  inputs: number,
  outputs: number,
  condition: ConditionSize | undefined,
): ParameterSpec[] {
  return [
    ...unitSpecs(`${name}.conv1`, inputs, outputs, condition),
    ...unitSpecs(`${name}.conv2`, outputs, outputs, condition),
  ];
}

/** 3×3 convolution, instance norm (which takes the bias out again), the task's bias if any, leaky ReLU. */
function unit(parameters: Parameters, name: string, x: Node, task: Task): Node {
  const normal = instanceNorm(convolve(parameters, `${name}.unit.0`, x, 1, 1), normEpsilon);
  const biases = task && parameters[ownBiasName(name, task.kind)];
  if (!biases) return leakyRelu(normal, slope);
  // [N,T]·[T,C] → [N,C,1,1]
  const bias = reshape(matmul(task.oneHot, biases), [x.shape[0]!, biases.shape[1]!, 1, 1]);
  return leakyRelu(add(normal, bias), slope);
}

function unitSpecs(
  name: string,
  inputs: number,
  outputs: number,
  condition: ConditionSize | undefined,
): ParameterSpec[] {
  const convolution = convolutionSpecs(`${name}.unit.0`, { inputs, outputs, kernel: 3 }, 'inert');
  if (condition === undefined) return convolution;
  const initialiser = { kind: 'normal', mean: 0, deviation: ownBiasDeviation } as const;
  const { kind, count } = condition;
  return [
    ...convolution,
    { name: ownBiasName(name, kind), shape: [count, outputs], role: 'weight', initialiser },
  ];
}

/** Weights [T,C] that each task adds to those of a 1×1 convolution to one channel. */
function ownWeightSpecs(
  name: string,
  features: number,
  condition: ConditionSize | undefined,
): ParameterSpec[] {
  if (condition === undefined) return [];
  const { kind, count } = condition;
  const inputs = kind === 'pair' ? features + 1 : features;
  const initialiser = kaimingNormal([1, inputs, 1, 1]);
  return [{ name: ownWeightName(name, kind), shape: [count, inputs], role: 'weight', initialiser }];
}

const ownWeightName = (score: string, kind: ConditionKind): string => `${score}.${kind}_weight`;
const ownBiasName = (unit: string, kind: ConditionKind): string => `${unit}.${kind}_bias`;
