import type { Node } from '../engine/graph.js';
import { concat, instanceNorm, leakyRelu, maxPool, tanh } from '../engine/operations.js';
import { addBias, convolutionSpecs, convolve } from '../nn/convolution.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import { upsampleBilinear } from '../nn/upsampling.js';

const normEpsilon = 1e-5;
const slope = 0.01;

/** What an encoder gives: its deepest features and the result of every level, finest first. */
export interface EncoderResult {
  readonly deepest: Node;
  readonly skips: readonly Node[];
}

/** Parameters of an encoder: `levels` blocks of f·2^i features and the centre of f·2^levels. */
export function encoderSpecs(
  name: string,
  inputs: number,
  features: number,
  levels: number,
): ParameterSpec[] {
  const blocks = Array.from({ length: levels }, (_, level) =>
    blockSpecs(
      `${name}.features.convblock${level + 1}`,
      level === 0 ? inputs : features * 2 ** (level - 1),
      features * 2 ** level,
    ),
  );
  return [
    ...blocks.flat(),
    ...blockSpecs(`${name}.center_conv`, features * 2 ** (levels - 1), features * 2 ** levels),
  ];
}

/** [N,C,S,S] → the deepest features [N, f·2^L, S/2^L, S/2^L] and the skips. */
export function encode(parameters: Parameters, name: string, x: Node, levels: number): EncoderResult {
  const skips: Node[] = [];
  let value = x;
  for (let level = 1; level <= levels; level++) {
    const skip = block(parameters, `${name}.features.convblock${level}`, value);
    skips.push(skip);
    // [N,C,H,W] → [N,C,H/2,W/2]
    value = maxPool(skip);
  }
  return { deepest: block(parameters, `${name}.center_conv`, value), skips };
}

/** Parameters of a decoder: `levels` times up to half the features, then the 1×1 score. */
export function decoderSpecs(name: string, features: number, levels: number): ParameterSpec[] {
  const stages = Array.from({ length: levels }, (_, i) => {
    const outputs = features * 2 ** (levels - 1 - i);
    return [
      ...unitSpecs(`${name}.features.upconv${i + 1}.up.1`, 2 * outputs, outputs),
      ...blockSpecs(`${name}.features.convblock${i + 1}`, 2 * outputs, outputs),
    ];
  });
  return [
    ...stages.flat(),
    ...convolutionSpecs(`${name}.score`, { inputs: features, outputs: 1, kernel: 1 }, 'weight'),
  ];
}

/** Bottleneck [N, f·2^L, s, s] and skips → image [N,1,S,S] in (−1, 1). */
export function decode(parameters: Parameters, name: string, bottleneck: Node, skips: readonly Node[]): Node {
  let value = bottleneck;
  [...skips].reverse().forEach((skip, i) => {
    // [N,C,H,W] → [N,C/2,2H,2W]
    const up = unit(parameters, `${name}.features.upconv${i + 1}.up.1`, upsampleBilinear(value));
    value = block(parameters, `${name}.features.convblock${i + 1}`, concat([skip, up], 1));
  });
  const score = `${name}.score`;
  return tanh(addBias(parameters, score, convolve(parameters, score, value, 1, 0)));
}

/** Two units in a row. */
function block(parameters: Parameters, name: string, x: Node): Node {
  return unit(parameters, `${name}.conv2`, unit(parameters, `${name}.conv1`, x));
}

function blockSpecs(name: string, inputs: number, outputs: number): ParameterSpec[] {
  return [...unitSpecs(`${name}.conv1`, inputs, outputs), ...unitSpecs(`${name}.conv2`, outputs, outputs)];
}

/** 3×3 convolution, instance norm (which takes the bias out again), leaky ReLU. */
function unit(parameters: Parameters, name: string, x: Node): Node {
  return leakyRelu(instanceNorm(convolve(parameters, `${name}.unit.0`, x, 1, 1), normEpsilon), slope);
}

function unitSpecs(name: string, inputs: number, outputs: number): ParameterSpec[] {
  return convolutionSpecs(`${name}.unit.0`, { inputs, outputs, kernel: 3 }, 'inert');
}
