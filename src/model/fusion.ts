import type { Node } from '../engine/graph.js';
import { add, concat, leakyRelu, maximum, multiply } from '../engine/operations.js';
import { affineInstanceNorm } from '../nn/affine-instance-norm.js';
import { type BatchNormResult, batchNorm, batchNormSpecs, type Mode } from '../nn/batch-norm.js';
import { convolutionSpecs, convolve } from '../nn/convolution.js';
import { type ParameterSpec, type Parameters, parameter } from '../nn/parameters.js';
import type { FusionNorm } from './configuration.js';

const slope = 0.1;

/** Two convolutions of `channels` features, the first over the three joined combinations. */
export function fusionSpecs(name: string, channels: number, norm: FusionNorm): ParameterSpec[] {
  return [
    ...layerSpecs(`${name}.layer1`, 3 * channels, channels, norm),
    ...layerSpecs(`${name}.layer2`, channels, channels, norm),
  ];
}

/** Joins the deepest features a and b, both [N,C,s,s], into the bottleneck [N,C,s,s]. */
export function fuse(
  parameters: Parameters,
  name: string,
  a: Node,
  b: Node,
  mode: Mode,
  norm: FusionNorm,
): BatchNormResult {
  // [N,C,s,s] thrice → [N,3C,s,s]
  const joined = concat([add(a, b), multiply(a, b), maximum(a, b)], 1);
  const first = layer(parameters, `${name}.layer1`, joined, mode, norm);
  const second = layer(parameters, `${name}.layer2`, first.value, mode, norm);
  return { value: second.value, buffers: { ...first.buffers, ...second.buffers } };
}

function layer(parameters: Parameters, name: string, x: Node, mode: Mode, norm: FusionNorm): BatchNormResult {
  const convolved = convolve(parameters, `${name}.0`, x, 1, 1);
  const { value, buffers } =
    norm === 'instance'
      ? { value: affineInstanceNorm(parameters, `${name}.1`, convolved), buffers: {} }
      : batchNorm(
          parameters,
          `${name}.1`,
          convolved,
          parameter(parameters, `${name}.0.bias`),
          norm === 'frozen' ? 'evaluation' : mode,
        );
  return { value: leakyRelu(value, slope), buffers };
}

function layerSpecs(name: string, inputs: number, outputs: number, norm: FusionNorm): ParameterSpec[] {
  const sizes = { inputs, outputs, kernel: 3 };
  const normSpecs = batchNormSpecs(`${name}.1`, outputs);
  if (norm === 'instance')
    return [
      ...convolutionSpecs(`${name}.0`, sizes, 'inert'),
      ...normSpecs.filter(({ role }) => role === 'weight'),
    ];
  // The bias moves the running mean, so it counts when the network is used; it is never learnt.
  return [...convolutionSpecs(`${name}.0`, sizes, 'buffer'), ...normSpecs];
}
