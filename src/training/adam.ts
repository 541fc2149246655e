import { fail } from '../base/errors.js';
import { gradient } from '../engine/graph/gradient.js';
import type { Node } from '../engine/graph/graph.js';
import {
  add,
  divide,
  input,
  maximum,
  multiply,
  scalar,
  scale,
  sqrt,
  subtract,
} from '../engine/graph/operations.js';
import { filled, type Tensor, type Tensors } from '../engine/graph/tensor.js';
import { nextPrefix } from './program-outputs.js';

const epsilon = 1e-8;

/** Settings of the optimiser that stay the same throughout a run. */
export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
}

/** Names of a parameter's two moments in the training state. */
export const momentNames = (name: string): readonly [string, string] => [
  `adam.first.${name}`,
  `adam.second.${name}`,
];

/** Moments before the first step: zeros shaped like each parameter. */
export function zeroMoments(parameters: Tensors): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, { shape }]) =>
      momentNames(name).map((moment) => [moment, filled(shape, 0)]),
    ),
  );
}

/** The two numbers that change from step to step, shared by all parameters of an update. */
export const adamInputs = {
  /** Learning rate / (1 − β₁ᵗ). */
  stepSize: 'adam.stepSize',
  /** 1 / √(1 − β₂ᵗ). */
  secondCorrection: 'adam.secondCorrection',
} as const;

/** Values of {@link adamInputs} for step t = 1, 2, … */
export function adamFactors(
  settings: AdamSettings,
  learningRate: number,
  step: number,
): Record<string, Tensor> {
  return {
    [adamInputs.stepSize]: filled([], learningRate / (1 - settings.beta1 ** step)),
    [adamInputs.secondCorrection]: filled([], 1 / Math.sqrt(1 - settings.beta2 ** step)),
  };
}

/** What {@link adamInputs} come to in a step, made once a graph. */
interface AdamNodes {
  /** √v · gain + floor is what the first moment is divided by: the step size is in it already. */
  readonly gain: Node;
  readonly floor: Node;
}

/** Makes the nodes of {@link adamInputs}. A rate of 0 is taken as one that moves nothing. */
export function adamNodes(): AdamNodes {
  const stepSize = maximum(input(adamInputs.stepSize, []), scalar(1e-20));
  return {
    gain: divide(input(adamInputs.secondCorrection, []), stepSize),
    floor: divide(scalar(epsilon), stepSize),
  };
}

/**
 * One step of Adam for one parameter.
 *
 * @returns the parameter and its moments after the step, by their names in the training state
 * @source Kingma & Ba, Adam, ICLR 2015, algorithm 1, with ε added as in PyTorch: p − stepSize·m / (√v·c + ε).
 */
export function adamStep(
  name: string,
  parameter: Node,
  gradient: Node,
  settings: AdamSettings,
  { gain, floor }: AdamNodes,
): Record<string, Node> {
  const [firstName, secondName] = momentNames(name);
  const first = add(
    scale(input(firstName, parameter.shape, 'data'), settings.beta1),
    scale(gradient, 1 - settings.beta1),
  );
  const second = add(
    scale(input(secondName, parameter.shape, 'data'), settings.beta2),
    scale(multiply(gradient, gradient), 1 - settings.beta2),
  );
  return {
    [name]: subtract(parameter, divide(first, add(multiply(sqrt(second), gain), floor))),
    [firstName]: first,
    [secondName]: second,
  };
}

/** What {@link adamUpdate} is given. */
interface AdamUpdateOptions {
  /** Who learns, for messages. */
  readonly label: string;
  /** What is learnt, by its name in the training state. */
  readonly parameters: Readonly<Record<string, Node>>;
  readonly adam: AdamSettings;
  readonly factors: AdamNodes;
  /** Also gives gradients as `grad.*`, for checks. */
  readonly probe?: boolean;
}

/**
 * Adam for everything that is learnt from a loss, as outputs `next.*` of an update program.
 *
 * @throws UtadError bad-argument when the loss does not depend on a parameter.
 */
export function adamUpdate(loss: Node, options: AdamUpdateOptions): Record<string, Node> {
  const { label, parameters, adam, factors, probe = false } = options;
  const named = Object.entries(parameters);
  const gradients = gradient(
    loss,
    named.map(([, node]) => node),
  );
  return Object.fromEntries(
    named.flatMap(([name, node], i) => {
      const g = gradients[i];
      if (g === null || g === undefined) {
        return fail('bad-argument', {
          where: `update of ${label}`,
          expected: `a loss that depends on ${name}`,
          got: 'no dependence',
        });
      }
      const next = Object.entries(adamStep(name, node, g, adam, factors));
      return [
        ...next.map(([key, after]) => [`${nextPrefix}${key}`, after] as const),
        ...(probe ? [[`grad.${name}`, g] as const] : []),
      ];
    }),
  );
}
