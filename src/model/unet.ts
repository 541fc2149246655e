import type { Node } from '../engine/graph.js';
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
} from '../engine/operations.js';
import { addBias, convolutionSpecs, convolve } from '../nn/convolution.js';
import { kaimingNormal, type ParameterSpec, type Parameters } from '../nn/parameters.js';
import { upsampleBilinear } from '../nn/upsampling.js';

const normEpsilon = 1e-5;
const slope = 0.01;
/** Targets differ from the start, by half the deviation that a norm leaves. */
const targetBiasDeviation = 0.5;

/** What an encoder gives: its deepest features and the result of every level, finest first. */
export interface EncoderResult {
  readonly deepest: Node;
  readonly skips: readonly Node[];
}

/** What fixes the shape of an encoder or a decoder. */
export interface UnetSizes {
  /** Features of the finest level. */
  readonly features: number;
  readonly levels: number;
  /** Targets that have biases behind every norm and weights in the last layer of their own; 0 for none. */
  readonly targets: number;
}

/** Parameters of an encoder: `levels` blocks of f·2^i features and the centre of f·2^levels. */
export function encoderSpecs(
  name: string,
  { inputs, features, levels, targets }: UnetSizes & { readonly inputs: number },
): ParameterSpec[] {
  const blocks = Array.from({ length: levels }, (_, level) =>
    blockSpecs(
      `${name}.features.convblock${level + 1}`,
      level === 0 ? inputs : features * 2 ** (level - 1),
      features * 2 ** level,
      targets,
    ),
  );
  return [
    ...blocks.flat(),
    ...blockSpecs(`${name}.center_conv`, features * 2 ** (levels - 1), features * 2 ** levels, targets),
  ];
}

/**
 * [N,C,S,S] → the deepest features [N, f·2^L, S/2^L, S/2^L] and the skips.
 *
 * @param target [N,M] for an encoder whose targets have biases of their own, else null
 */
export function encode(
  parameters: Parameters,
  name: string,
  x: Node,
  target: Node | null,
  levels: number,
): EncoderResult {
  const skips: Node[] = [];
  let value = x;
  for (let level = 1; level <= levels; level++) {
    const skip = block(parameters, `${name}.features.convblock${level}`, value, target);
    skips.push(skip);
    // [N,C,H,W] → [N,C,H/2,W/2]
    value = maxPool(skip);
  }
  return { deepest: block(parameters, `${name}.center_conv`, value, target), skips };
}

/** Parameters of a decoder without its last layer: `levels` times up to half the features. */
export function featureDecoderSpecs(name: string, { features, levels, targets }: UnetSizes): ParameterSpec[] {
  return Array.from({ length: levels }, (_, i) => {
    const outputs = features * 2 ** (levels - 1 - i);
    return [
      ...unitSpecs(`${name}.features.upconv${i + 1}.up.1`, 2 * outputs, outputs, targets),
      ...blockSpecs(`${name}.features.convblock${i + 1}`, 2 * outputs, outputs, targets),
    ];
  }).flat();
}

/** Parameters of a decoder: those of its features, then the 1×1 score. */
export function decoderSpecs(name: string, sizes: UnetSizes): ParameterSpec[] {
  const { features, targets } = sizes;
  return [
    ...featureDecoderSpecs(name, sizes),
    ...convolutionSpecs(`${name}.score`, { inputs: features, outputs: 1, kernel: 1 }, 'weight'),
    ...targetWeightSpecs(`${name}.score`, features, targets),
  ];
}

/** Bottleneck [N, f·2^L, s, s] and skips → features of the finest level [N,f,S,S]. */
export function decodeFeatures(
  parameters: Parameters,
  name: string,
  bottleneck: Node,
  skips: readonly Node[],
  target: Node | null,
): Node {
  let value = bottleneck;
  [...skips].reverse().forEach((skip, i) => {
    // [N,C,H,W] → [N,C/2,2H,2W]
    const up = unit(parameters, `${name}.features.upconv${i + 1}.up.1`, upsampleBilinear(value), target);
    value = block(parameters, `${name}.features.convblock${i + 1}`, concat([skip, up], 1), target);
  });
  return value;
}

/** Bottleneck [N, f·2^L, s, s] and skips → image [N,1,S,S] in (−1, 1). */
export function decode(
  parameters: Parameters,
  name: string,
  bottleneck: Node,
  skips: readonly Node[],
  target: Node,
): Node {
  const value = decodeFeatures(parameters, name, bottleneck, skips, target);
  const score = `${name}.score`;
  const common = addBias(parameters, score, convolve(parameters, score, value, 1, 0));
  const weights = parameters[targetWeightName(score)];
  if (weights === undefined) return tanh(common);
  // [N,M]·[M,C] → [N,C,1,1]; the sum over channels is a 1×1 convolution of each slice's own.
  const [batch, channels] = [value.shape[0]!, value.shape[1]!];
  const own = reshape(matmul(target, weights), [batch, channels, 1, 1]);
  return tanh(add(common, sum(multiply(value, own), [1])));
}

/** Two units in a row. */
function block(parameters: Parameters, name: string, x: Node, target: Node | null): Node {
  return unit(parameters, `${name}.conv2`, unit(parameters, `${name}.conv1`, x, target), target);
}

function blockSpecs(name: string, inputs: number, outputs: number, targets: number): ParameterSpec[] {
  return [
    ...unitSpecs(`${name}.conv1`, inputs, outputs, targets),
    ...unitSpecs(`${name}.conv2`, outputs, outputs, targets),
  ];
}

/** 3×3 convolution, instance norm (which takes the bias out again), the target's bias if any, leaky ReLU. */
function unit(parameters: Parameters, name: string, x: Node, target: Node | null): Node {
  const normal = instanceNorm(convolve(parameters, `${name}.unit.0`, x, 1, 1), normEpsilon);
  const biases = parameters[targetBiasName(name)];
  if (biases === undefined || target === null) return leakyRelu(normal, slope);
  // [N,M]·[M,C] → [N,C,1,1]
  const bias = reshape(matmul(target, biases), [target.shape[0]!, biases.shape[1]!, 1, 1]);
  return leakyRelu(add(normal, bias), slope);
}

function unitSpecs(name: string, inputs: number, outputs: number, targets: number): ParameterSpec[] {
  const convolution = convolutionSpecs(`${name}.unit.0`, { inputs, outputs, kernel: 3 }, 'inert');
  if (targets === 0) return convolution;
  const initialiser = { kind: 'normal', mean: 0, deviation: targetBiasDeviation } as const;
  return [
    ...convolution,
    { name: targetBiasName(name), shape: [targets, outputs], role: 'weight', initialiser },
  ];
}

/** Weights [M,C] that each target adds to those of a 1×1 convolution to one channel. */
function targetWeightSpecs(name: string, inputs: number, targets: number): ParameterSpec[] {
  if (targets === 0) return [];
  const initialiser = kaimingNormal([1, inputs, 1, 1]);
  return [{ name: targetWeightName(name), shape: [targets, inputs], role: 'weight', initialiser }];
}

const targetWeightName = (score: string): string => `${score}.target_weight`;
const targetBiasName = (unit: string): string => `${unit}.target_bias`;
