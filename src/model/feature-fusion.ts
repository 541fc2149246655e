import type { Node } from '../engine/graph/graph.js';
import { add, concat, leakyRelu, maximum, multiply } from '../engine/graph/operations.js';
import { type BatchNormResult, batchNorm, batchNormSpecs, type Mode } from '../nn/batch-norm.js';
import { convolutionSpecs, convolve } from '../nn/convolution.js';
import { type ParameterSpec, type Parameters, parameter } from '../nn/parameters.js';

const slope = 0.1;

/** Two convolutions of `channels` features, the first over the three joined combinations. */
export function fusionSpecs(name: string, channels: number): ParameterSpec[] {
  return [
    ...layerSpecs(`${name}.layer1`, 3 * channels, channels),
    ...layerSpecs(`${name}.layer2`, channels, channels),
  ];
}

/** Joins the deepest features a and b, both [N,C,s,s], into the bottleneck [N,C,s,s]. */
export function fuse(parameters: Parameters, name: string, a: Node, b: Node, mode: Mode): BatchNormResult {
  // [N,C,s,s] thrice → [N,3C,s,s]
  const joined = concat([add(a, b), multiply(a, b), maximum(a, b)], 1);
  const first = layer(parameters, `${name}.layer1`, joined, mode);
  const second = layer(parameters, `${name}.layer2`, first.value, mode);
  return { value: second.value, buffers: { ...first.buffers, ...second.buffers } };
}

function layer(parameters: Parameters, name: string, x: Node, mode: Mode): BatchNormResult {
  const convolved = convolve(parameters, `${name}.0`, x, 1, 1);
  const bias = parameter(parameters, `${name}.0.bias`);
  const { value, buffers } = batchNorm(parameters, `${name}.1`, convolved, bias, mode);
  return { value: leakyRelu(value, slope), buffers };
}

function layerSpecs(name: string, inputs: number, outputs: number): ParameterSpec[] {
  const sizes = { inputs, outputs, kernel: 3 };
  // The bias moves the running mean, so it counts when the network is used; it is never learnt.
  return [...convolutionSpecs(`${name}.0`, sizes, 'buffer'), ...batchNormSpecs(`${name}.1`, outputs)];
}
