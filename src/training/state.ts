import { fail } from '../base/errors.js';
import type { HeldTensors } from '../engine/runtime.js';
import type { Tensor, Tensors } from '../engine/tensor.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { zeroMoments } from './adam.js';
import {
  initialNetwork,
  learntNames,
  type NetworkName,
  requireNetwork,
  studentFromTeacher,
  withoutPrefix,
  withPrefix,
} from './networks.js';
import type { Stage } from './update.js';

/** Everything that a stage changes: with the configuration and the data, it decides all that follows. */
export interface TrainingState<Values extends HeldTensors = Tensors> {
  readonly stage: Stage;
  /** Critic updates done. */
  readonly iteration: number;
  /** Generator updates done. */
  readonly generatorUpdates: number;
  /** Networks G, D, localD (and T for a student) and Adam's moments, by name. */
  readonly tensors: Values;
  /** Best validation so far; null before the first. */
  readonly best: BestValidation | null;
}

/** The validation that chose the best checkpoint. */
export interface BestValidation {
  readonly iteration: number;
  /** Mean SSIM over all directions. */
  readonly ssim: number;
  /** Mean absolute error in the brain over all directions, on [0, 1]. */
  readonly mae: number;
}

/**
 * How good a validation is: SSIM minus absolute error, both on the [0, 1] scale. SSIM alone is flattered by the
 * background and blind to a shift of all intensities.
 */
export function validationMerit({ ssim, mae }: Pick<BestValidation, 'ssim' | 'mae'>): number {
  return ssim - mae;
}

/** A teacher before its first update; with `average` its generator's moving average begins too. */
export function startTeacher(model: ModelConfiguration, seed: number, average: boolean): TrainingState {
  return start(
    'teacher',
    model,
    {
      ...initialNetwork('G', model, seed),
      ...initialNetwork('D', model, seed),
      ...initialNetwork('localD', model, seed),
    },
    average,
  );
}

/**
 * A student before its first update: the teacher's weights, a new tumour encoder and new critics.
 *
 * @param teacher the trained generator's tensors `G.*`
 * @throws UtadError bad-file when they are not a generator of this configuration.
 */
export function startStudent(
  teacher: Tensors,
  model: ModelConfiguration,
  seed: number,
  average: boolean,
): TrainingState {
  requireNetwork('teacher', 'G', teacher, model);
  // Another seed than the teacher's, or its new parts would start as the teacher's did.
  const studentSeed = seed + 1;
  return start(
    'student',
    model,
    {
      ...studentFromTeacher(teacher, model, studentSeed),
      ...initialNetwork('D', model, studentSeed),
      ...initialNetwork('localD', model, studentSeed),
      ...withPrefix('T', withoutPrefix('G', teacher)),
    },
    average,
  );
}

/** The generator to use: its moving average where one is kept, else as it is. Names begin with `G.`. */
export function generatorInUse(tensors: Tensors): Record<string, Tensor> {
  const average = withoutPrefix('averageG', tensors);
  return Object.keys(average).length > 0 ? withPrefix('G', average) : networkOf('G', tensors);
}

/** The tensors of one network, with their prefix. */
export function networkOf(network: NetworkName, tensors: Tensors): Record<string, Tensor> {
  return withPrefix(network, withoutPrefix(network, tensors));
}

/**
 * Checks that restored tensors are a whole state of this stage.
 *
 * @throws UtadError bad-file, naming what is missing.
 */
export function requireState(where: string, state: TrainingState, model: ModelConfiguration): void {
  const networks: readonly NetworkName[] =
    state.stage === 'teacher' ? ['G', 'D', 'localD'] : ['G', 'D', 'localD', 'T'];
  for (const network of networks) requireNetwork(where, network, state.tensors, model);
  for (const name of Object.keys(zeroMoments(learntOf(model, state.tensors)))) {
    if (state.tensors[name] === undefined)
      fail('bad-file', { where, expected: `Adam's moment ${name}`, got: 'none' });
  }
}

function start(stage: Stage, model: ModelConfiguration, networks: Tensors, average: boolean): TrainingState {
  const averaged = average ? withPrefix('averageG', withoutPrefix('G', networks)) : {};
  const tensors = { ...networks, ...averaged, ...zeroMoments(learntOf(model, networks)) };
  return { stage, iteration: 0, generatorUpdates: 0, tensors, best: null };
}

function learntOf(model: ModelConfiguration, tensors: Tensors): Tensors {
  const names = (['G', 'D', 'localD'] as const).flatMap((network) => learntNames(network, model));
  return Object.fromEntries(names.map((name) => [name, tensors[name]!]));
}
