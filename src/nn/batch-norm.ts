import { sizeOf } from '../base/shapes.js';
import type { Node } from '../engine/graph/graph.js';
import {
  add,
  detach,
  divide,
  mean,
  multiply,
  reshape,
  scale,
  shift,
  sqrt,
  subtract,
} from '../engine/graph/operations.js';
import { asChannels } from './convolution.js';
import { type ParameterSpec, type Parameters, parameter } from './parameters.js';

const epsilon = 1e-5;
const momentum = 0.1;

/** Whether a network learns (statistics of the batch) or is used (running statistics). */
export type Mode = 'training' | 'evaluation';

/** A normalised value and the running statistics after it, by parameter name; none in evaluation. */
export interface BatchNormResult {
  readonly value: Node;
  readonly buffers: Parameters;
}

/** Weight N(1, 0.02), bias 0, running mean 0 and variance 1, each [C]. */
export function batchNormSpecs(name: string, channels: number): ParameterSpec[] {
  const shape = [channels];
  return [
    {
      name: `${name}.weight`,
      shape,
      role: 'weight',
      initialiser: { kind: 'normal', mean: 1, deviation: 0.02 },
    },
    { name: `${name}.bias`, shape, role: 'weight', initialiser: { kind: 'constant', value: 0 } },
    { name: `${name}.running_mean`, shape, role: 'buffer', initialiser: { kind: 'constant', value: 0 } },
    { name: `${name}.running_var`, shape, role: 'buffer', initialiser: { kind: 'constant', value: 1 } },
  ];
}

/**
 * Batch normalisation of a convolution's result.
 *
 * @param x the convolution's result *without* its bias, [N,C,H,W]
 * @param bias the convolution's bias [C]. It has no effect on the normalised value in training and moves the
 *   running mean, so it enters only there.
 * @source Ioffe & Szegedy 2015; running statistics as in PyTorch: momentum 0.1, unbiased variance.
 */
export function batchNorm(
  parameters: Parameters,
  name: string,
  x: Node,
  bias: Node,
  mode: Mode,
): BatchNormResult {
  const weight = asChannels(parameter(parameters, `${name}.weight`));
  const offset = asChannels(parameter(parameters, `${name}.bias`));
  const runningMean = parameter(parameters, `${name}.running_mean`);
  const runningVariance = parameter(parameters, `${name}.running_var`);

  if (mode === 'evaluation') {
    const gain = divide(weight, sqrt(shift(asChannels(runningVariance), epsilon)));
    const level = subtract(offset, multiply(gain, subtract(asChannels(runningMean), asChannels(bias))));
    return { value: add(multiply(x, gain), level), buffers: {} };
  }

  // [N,C,H,W] → [1,C,1,1]
  const average = mean(x, [0, 2, 3]);
  const centred = subtract(x, average);
  const variance = mean(multiply(centred, centred), [0, 2, 3]);
  const value = add(multiply(centred, divide(weight, sqrt(shift(variance, epsilon)))), offset);

  const count = sizeOf(x.shape) / x.shape[1]!;
  const channels = [x.shape[1]!];
  const seenMean = add(reshape(detach(average), channels), detach(bias));
  const seenVariance = scale(reshape(detach(variance), channels), count / Math.max(1, count - 1));
  return {
    value,
    buffers: {
      [`${name}.running_mean`]: movingAverage(runningMean, seenMean),
      [`${name}.running_var`]: movingAverage(runningVariance, seenVariance),
    },
  };
}

function movingAverage(before: Node, seen: Node): Node {
  return add(scale(before, 1 - momentum), scale(seen, momentum));
}
