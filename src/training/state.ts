import { fail } from '../base/errors.js';
import type { Tensor, Tensors } from '../engine/graph/tensor.js';
import type { HeldTensors } from '../engine/runtime/runtime.js';
import { bottleneckChannels, type ModelConfiguration } from '../model/configuration.js';
import { initialise, type ParameterSpec } from '../nn/parameters.js';
import { zeroMoments } from './adam.js';
import { adapterPrefix, adapterSpecs } from './distillation.js';
import {
  initialNetwork,
  learntNames,
  type NetworkName,
  requireNetwork,
  requireTensors,
  studentFromTeacher,
  withoutPrefix,
  withPrefix,
} from './networks.js';
import type { Stage } from './update-setup.js';

/** Everything that a stage changes: with the configuration and the data, it decides all that follows. */
export interface TrainingState<Values extends HeldTensors = Tensors, Kind extends string = Stage> {
  readonly stage: Kind;
  /** Critic updates done. */
  readonly iteration: number;
  /** Generator updates done. */
  readonly generatorUpdates: number;
  /** Networks G, D, localD (and T for a student; others for another kind) and Adam's moments, by name. */
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
 * A student before its first update: the teacher's weights, a new tumour encoder and new critics. A student of
 * another width is new as a whole, with an adapter of its bottleneck to the teacher's.
 *
 * @param teacher the trained generator's tensors `G.*`
 * @param teacherModel the teacher's configuration, where it differs from the student's in its width
 * @throws UtadError bad-file when the tensors are not a generator of the teacher's configuration.
 */
export function startStudent(
  teacher: Tensors,
  model: ModelConfiguration,
  seed: number,
  average: boolean,
  teacherModel: ModelConfiguration = model,
): TrainingState {
  requireNetwork('teacher', 'G', teacher, teacherModel);
  // Another seed than the teacher's, or its new parts would start as the teacher's did.
  const studentSeed = seed + 1;
  return start(
    'student',
    model,
    {
      ...(model.features === teacherModel.features
        ? studentFromTeacher(teacher, model, studentSeed)
        : initialNetwork('G', model, studentSeed)),
      ...initialise(adapterOf(model, teacherModel), studentSeed, 'adapter'),
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
export function requireState(
  where: string,
  state: TrainingState,
  model: ModelConfiguration,
  teacherModel: ModelConfiguration = model,
): void {
  for (const network of ['G', 'D', 'localD'] as const) requireNetwork(where, network, state.tensors, model);
  if (state.stage === 'student') {
    requireNetwork(where, 'T', state.tensors, teacherModel);
    requireTensors(where, '', adapterOf(model, teacherModel), state.tensors);
  }
  for (const name of Object.keys(zeroMoments(learntOf(model, state.tensors)))) {
    if (state.tensors[name] === undefined)
      fail('bad-file', { where, expected: `Adam's moment ${name}`, got: 'none' });
  }
}

function adapterOf(student: ModelConfiguration, teacher: ModelConfiguration): ParameterSpec[] {
  return adapterSpecs(bottleneckChannels(student), bottleneckChannels(teacher));
}

function start(stage: Stage, model: ModelConfiguration, networks: Tensors, average: boolean): TrainingState {
  const averaged = average ? withPrefix('averageG', withoutPrefix('G', networks)) : {};
  const tensors = { ...networks, ...averaged, ...zeroMoments(learntOf(model, networks)) };
  return { stage, iteration: 0, generatorUpdates: 0, tensors, best: null };
}

/** What Adam moves: three networks, and an adapter where there is one. */
function learntOf(model: ModelConfiguration, tensors: Tensors): Tensors {
  const names = [
    ...(['G', 'D', 'localD'] as const).flatMap((network) => learntNames(network, model)),
    ...Object.keys(tensors).filter((name) => name.startsWith(`${adapterPrefix}.`)),
  ];
  return Object.fromEntries(names.map((name) => [name, tensors[name]!]));
}
