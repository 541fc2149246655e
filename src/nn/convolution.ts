import type { Node } from '../engine/graph/graph.js';
import { add, convolution, reshape } from '../engine/graph/operations.js';
import {
  kaimingNormal,
  type ParameterRole,
  type ParameterSpec,
  type Parameters,
  parameter,
} from './parameters.js';

/** Sizes of a convolution layer. */
interface ConvolutionSizes {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
}

/**
 * The parameters `<name>.weight` [O,C,K,K] and, unless it is null, `<name>.bias` [O].
 *
 * @param biasRole `inert` in front of a normalisation, which takes the bias out again
 */
export function convolutionSpecs(
  name: string,
  sizes: ConvolutionSizes,
  biasRole: ParameterRole | null,
): ParameterSpec[] {
  const shape = [sizes.outputs, sizes.inputs, sizes.kernel, sizes.kernel];
  const weight: ParameterSpec = {
    name: `${name}.weight`,
    shape,
    role: 'weight',
    initialiser: kaimingNormal(shape),
  };
  if (biasRole === null) return [weight];
  const initialiser = { kind: 'constant', value: 0 } as const;
  return [weight, { name: `${name}.bias`, shape: [sizes.outputs], role: biasRole, initialiser }];
}

/** Convolves [N,C,H,W] with `<name>.weight`, without bias. */
export function convolve(
  parameters: Parameters,
  name: string,
  x: Node,
  stride: number,
  padding: number,
): Node {
  return convolution(x, parameter(parameters, `${name}.weight`), { stride, padding });
}

/** Adds `<name>.bias` to the channels of [N,C,H,W]. */
export function addBias(parameters: Parameters, name: string, x: Node): Node {
  return add(x, asChannels(parameter(parameters, `${name}.bias`)));
}

/** [C] → [1,C,1,1], which broadcasts over [N,C,H,W]. */
export function asChannels(vector: Node): Node {
  return reshape(vector, [1, vector.shape[0]!, 1, 1]);
}
