import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { clamp, input, leakyRelu, mean, multiply, subtract } from '../engine/graph/operations.js';
import { addBias, convolutionSpecs, convolve } from '../nn/convolution.js';
import type { ParameterSpec, Parameters } from '../nn/parameters.js';
import { adamNodes, adamUpdate } from '../training/adam.js';
import { learntParameters, networkNodes } from '../training/networks.js';
import { termOutputs } from '../training/program-outputs.js';

/** Units of each of the two hidden layers. */
const hidden = 64;
/** Voxels are given as a picture of so many rows and columns, which the network, of 1×1 convolutions, does not see. */
export const voxelSide = 64;
/** Voxels that a program is given at once. */
export const voxelsAtOnce = voxelSide ** 2;

/** The prefix of the regressor's parameters in programs. */
export const regressorPrefix = 'R';

/** Fixed settings of the optimiser. */
export const regressorAdam = { beta1: 0.9, beta2: 0.999 } as const;

/** The parameters of a regressor of so many features. */
export function regressorSpecs(features: number): ParameterSpec[] {
  return [
    ...convolutionSpecs('first', { inputs: features, outputs: hidden, kernel: 1 }, 'weight'),
    ...convolutionSpecs('second', { inputs: hidden, outputs: hidden, kernel: 1 }, 'weight'),
    ...convolutionSpecs('value', { inputs: hidden, outputs: 1, kernel: 1 }, 'weight'),
  ];
}

/** [1,F,H,W] standardised features ↦ [1,1,H,W] values of the target, near [0, 1]. */
function regress(parameters: Parameters, features: Node): Node {
  const layer = (name: string, x: Node): Node =>
    addBias(parameters, name, convolve(parameters, name, x, 1, 0));
  return layer('value', leakyRelu(layer('second', leakyRelu(layer('first', features), 0)), 0));
}

function passOf(features: number) {
  const { R } = networkNodes({ [regressorPrefix]: regressorSpecs(features) });
  const x = input('features', [1, features, voxelSide, voxelSide]);
  return { R: R!, value: regress(R!.parameters, x) };
}

/** One update by the mean squared error: `features`, `target` and the state to `next.*` and `term.total`. */
export function regressorUpdate(features: number): Graph {
  const { R, value } = passOf(features);
  const error = subtract(value, input('target', [1, 1, voxelSide, voxelSide]));
  const total = mean(multiply(error, error));
  return createGraph('local regression update', {
    ...adamUpdate(total, {
      label: 'local regression',
      parameters: learntParameters({ [regressorPrefix]: R }),
      adam: regressorAdam,
      factors: adamNodes(),
    }),
    ...termOutputs({ total }),
  });
}

/** The regressor in use: `features` to `value` on [0, 1]. */
export function regressorPass(features: number): Graph {
  return createGraph('local regression', { value: clamp(passOf(features).value, 0, 1) });
}
