import type { Node } from '../engine/graph/graph.js';
import { add, instanceNorm, multiply } from '../engine/graph/operations.js';
import { asChannels } from './convolution.js';
import { type ParameterSpec, type Parameters, parameter } from './parameters.js';

const epsilon = 1e-5;

/** Weight 1 and bias 0, each [C], as PyTorch starts them. */
export function affineInstanceNormSpecs(name: string, channels: number): ParameterSpec[] {
  const spec = (part: string, value: number): ParameterSpec => ({
    name: `${name}.${part}`,
    shape: [channels],
    role: 'weight',
    initialiser: { kind: 'constant', value },
  });
  return [spec('weight', 1), spec('bias', 0)];
}

/** Each channel of each slice of [N,C,H,W] to mean 0 and variance 1, then by the layer's own weight and bias. */
export function affineInstanceNorm(parameters: Parameters, name: string, x: Node): Node {
  const weight = asChannels(parameter(parameters, `${name}.weight`));
  const bias = asChannels(parameter(parameters, `${name}.bias`));
  return add(multiply(instanceNorm(x, epsilon), weight), bias);
}
