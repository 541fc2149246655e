import type { Tensor, Tensors } from '../engine/graph/tensor.js';
import type { HeldTensors } from '../engine/runtime/runtime.js';
import { momentNames, zeroMoments } from './adam.js';
import { learntNames, type Networks, requireTensors, withoutPrefix, withPrefix } from './networks.js';

/** Everything that a training changes: with the configuration and the data, it decides all that follows. */
export interface TrainingState<Score, Values extends HeldTensors = Tensors> {
  /** Name of the method. */
  readonly method: string;
  /** Iterations done. */
  readonly iteration: number;
  /** The method's networks, the moving average `average<prefix>.*` of one of them, and Adam's moments, by name. */
  readonly tensors: Values;
  /** The validation that chose the best checkpoint; null before the first. */
  readonly best: BestValidation<Score> | null;
}

/** The figures of a score: those of its fields that are numbers. */
export type FiguresOf<Score> = {
  readonly [Name in keyof Score as Score[Name] extends number ? Name : never]: Score[Name];
};

/** When the best validation was, and its figures. */
type BestValidation<Score> = { readonly iteration: number } & FiguresOf<Score>;

/** What of a method fixes its state. */
export interface StateShape {
  readonly name: string;
  readonly networks: Networks;
  readonly frozen: Networks;
  readonly output: string;
  readonly averageDecay: number;
}

/** A state before the first update, from the starting values of all networks. */
export function startState(method: StateShape, networks: Tensors): TrainingState<never> {
  const { name, output, averageDecay } = method;
  const averaged = averageDecay > 0 ? withPrefix(`average${output}`, withoutPrefix(output, networks)) : {};
  const learnt = learntNames(method.networks).map((key) => [key, networks[key]!] as const);
  const tensors = { ...networks, ...averaged, ...zeroMoments(Object.fromEntries(learnt)) };
  return { method: name, iteration: 0, tensors, best: null };
}

/**
 * Checks that restored tensors are a whole state of this method.
 *
 * @throws UtadError bad-file, naming what is missing or has another shape.
 */
export function requireState(where: string, method: StateShape, tensors: Tensors): void {
  const { networks, frozen, output, averageDecay } = method;
  const average = averageDecay > 0 ? { [`average${output}`]: networks[output]! } : {};
  for (const [prefix, specs] of Object.entries({ ...networks, ...frozen, ...average }))
    requireTensors(where, `${prefix}.`, specs, tensors);
  for (const [prefix, specs] of Object.entries(networks)) {
    const learnt = specs.filter(({ role }) => role === 'weight');
    for (const moment of [0, 1] as const)
      requireTensors(
        where,
        '',
        learnt.map((spec) => ({ ...spec, name: momentNames(`${prefix}.${spec.name}`)[moment] })),
        tensors,
      );
  }
}

/** The network to use, with its prefix: its moving average where one is kept, else as it is. */
export function networkInUse(prefix: string, tensors: Tensors): Record<string, Tensor> {
  const average = withoutPrefix(`average${prefix}`, tensors);
  return withPrefix(prefix, Object.keys(average).length > 0 ? average : withoutPrefix(prefix, tensors));
}
