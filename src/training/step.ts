import { fail } from '../base/errors.js';
import { createRandom } from '../base/random.js';
import type { Batch } from '../datasets/batch.js';
import type { Program, Runtime } from '../engine/runtime.js';
import { numberIn, type Tensor, type Tensors, tensor } from '../engine/tensor.js';
import { adamFactors } from './adam.js';
import { learningRateAt, modelOf, type TrainingConfiguration } from './configuration.js';
import type { TrainingState } from './state.js';
import {
  criticUpdate,
  generatorUpdate,
  nextPrefix,
  type Stage,
  termPrefix,
  type UpdateSetup,
} from './update.js';

/** The two programs of a stage. */
export interface StagePrograms {
  readonly critic: Program;
  readonly generator: Program;
  readonly close: () => Promise<void>;
}

/** Loss values of an iteration: `critic.*` always, `generator.*` where it was updated. */
export type LossValues = Readonly<Record<string, number>>;

/** Builds and compiles both updates of a stage. */
export async function compileStage(
  runtime: Runtime,
  stage: Stage,
  configuration: TrainingConfiguration,
): Promise<StagePrograms> {
  const setup: UpdateSetup = {
    stage,
    model: modelOf(configuration),
    batchSize: configuration.batchSize,
    weights: { critic: configuration.criticWeights, generator: configuration.generatorWeights },
    adam: { beta1: configuration.beta1, beta2: configuration.beta2 },
    averageDecay: configuration.averageDecay,
  };
  const critic = await runtime.compile(criticUpdate(setup));
  const generator = await runtime.compile(generatorUpdate(setup));
  return {
    critic,
    generator,
    close: async () => {
      await critic.close();
      await generator.close();
    },
  };
}

/**
 * One iteration: a critic update, and every `generatorEvery`-th time a generator update on the same batch.
 *
 * @param iterations of the whole stage, for the learning rate
 * @returns the state after it and the loss values
 * @throws UtadError diverged when a loss is not finite, naming the term; the given state is unharmed.
 */
export async function trainStep(
  programs: StagePrograms,
  configuration: TrainingConfiguration,
  state: TrainingState,
  batch: Batch,
  iterations: number,
): Promise<{ state: TrainingState; losses: LossValues }> {
  const adam = { beta1: configuration.beta1, beta2: configuration.beta2 };
  const rate = learningRateAt(configuration, state.iteration, iterations);
  const iteration = state.iteration + 1;
  const given = batchTensors(batch, configuration, state);

  const critic = await programs.critic.run({
    ...state.tensors,
    ...given,
    ...adamFactors(adam, rate, iteration),
  });
  const criticLosses = lossValues('critic', critic, iteration);
  let tensors: Tensors = { ...state.tensors, ...nextTensors(critic) };
  if (iteration % configuration.generatorEvery !== 0) {
    return { state: { ...state, iteration, tensors }, losses: criticLosses };
  }

  const generatorUpdates = state.generatorUpdates + 1;
  const generator = await programs.generator.run({
    ...tensors,
    ...given,
    ...adamFactors(adam, rate, generatorUpdates),
  });
  const losses = { ...criticLosses, ...lossValues('generator', generator, iteration) };
  tensors = { ...tensors, ...nextTensors(generator) };
  return { state: { ...state, iteration, generatorUpdates, tensors }, losses };
}

function batchTensors(
  batch: Batch,
  { sliceSide, batchSize, modalities, seed }: TrainingConfiguration,
  state: TrainingState,
): Tensors {
  const slices = [batchSize, 1, sliceSide, sliceSide];
  const oneHot = [batchSize, modalities.length];
  const random = createRandom(seed, state.stage, 'mixing', state.iteration);
  const factors = (): Tensor =>
    tensor(Float32Array.from({ length: batchSize }, random.uniform), [batchSize, 1, 1, 1]);
  return {
    image: tensor(batch.image, slices),
    mask: tensor(batch.mask, slices),
    source: tensor(batch.source, oneHot),
    target: tensor(batch.target, oneHot),
    alpha: factors(),
    beta: factors(),
  };
}

function nextTensors(results: Tensors): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(results).flatMap(([name, value]) =>
      name.startsWith(nextPrefix) ? [[name.slice(nextPrefix.length), value]] : [],
    ),
  );
}

function lossValues(label: string, results: Tensors, iteration: number): Record<string, number> {
  const values = Object.entries(results).flatMap(([name, value]) =>
    name.startsWith(termPrefix)
      ? [[`${label}.${name.slice(termPrefix.length)}`, numberIn(value)] as const]
      : [],
  );
  for (const [name, value] of values) {
    if (Number.isFinite(value)) continue;
    fail('diverged', {
      where: `iteration ${iteration}, loss ${name}`,
      expected: 'a finite number',
      got: String(value),
      todo: 'Resume from the last checkpoint with a smaller learningRate, or look at the data.',
    });
  }
  return Object.fromEntries(values);
}
