import { createRandom } from '../base/random.js';
import type { Batch } from '../datasets/batch.js';
import type { Graph } from '../engine/graph.js';
import {
  type DeviceMemory,
  type HeldTensors,
  type ResidentProgram,
  type Runtime,
  releaseUnused,
} from '../engine/runtime.js';
import { type Tensor, type Tensors, tensor } from '../engine/tensor.js';
import { adamFactors } from './adam.js';
import { learningRateAt, modelOf, type TrainingConfiguration } from './configuration.js';
import { type LossValues, lossValues, nextTensors } from './program-outputs.js';
import { compileResident } from './resident.js';
import type { TrainingState } from './state.js';
import { criticUpdate, generatorUpdate, type Stage, type UpdateSetup } from './update.js';

/** The two programs of a stage; on a device with its own memory the state stays there between steps. */
export interface StagePrograms {
  readonly critic: ResidentProgram;
  readonly generator: ResidentProgram;
  readonly memory: DeviceMemory | null;
  /** Learning rate of the critics by that of the generator; 1 when left out. */
  readonly criticRate?: number;
  readonly close: () => Promise<void>;
}

/** A state between two steps, wherever its tensors lie. */
export type LiveState<Kind extends string = Stage> = TrainingState<HeldTensors, Kind>;

/** What a configuration says about the two programs of a stage. */
export function updateSetupOf(
  configuration: TrainingConfiguration,
  stage: Stage,
  someUnmasked = false,
): UpdateSetup {
  const { batchSize, beta1, beta2, averageDecay, adversary, pixelWeights } = configuration;
  return {
    stage,
    model: modelOf(configuration, stage),
    teacher: modelOf(configuration, 'teacher'),
    batchSize,
    weights: { critic: configuration.criticWeights, generator: configuration.generatorWeights },
    adam: { beta1, beta2 },
    averageDecay,
    adversary,
    pixelWeights,
    someUnmasked,
  };
}

/**
 * Builds and compiles both updates of a stage.
 *
 * @param someUnmasked see `UpdateSetup`
 */
export async function compileStage(
  runtime: Runtime,
  stage: Stage,
  configuration: TrainingConfiguration,
  someUnmasked = false,
): Promise<StagePrograms> {
  const setup = updateSetupOf(configuration, stage, someUnmasked);
  return compileUpdates(runtime, criticUpdate(setup), generatorUpdate(setup));
}

/** Compiles the two updates of a training. */
export async function compileUpdates(
  runtime: Runtime,
  criticGraph: Graph,
  generatorGraph: Graph,
): Promise<StagePrograms> {
  const critic = await compileResident(runtime, criticGraph);
  const generator = await compileResident(runtime, generatorGraph);
  return {
    critic,
    generator,
    memory: runtime.memory ?? null,
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
 * @returns the state after it and the loss values: `critic.*` always, `generator.*` where it was updated
 * @throws UtadError diverged when a loss is not finite, naming the term; the given state is unharmed. Of a state on a
 *   device, what the step replaced is for the caller to release.
 */
export async function trainStep<Kind extends string>(
  programs: StagePrograms,
  configuration: TrainingConfiguration,
  state: LiveState<Kind>,
  batch: Batch,
  iterations: number,
): Promise<{ state: LiveState<Kind>; losses: LossValues }> {
  const adam = { beta1: configuration.beta1, beta2: configuration.beta2 };
  const rate = learningRateAt(configuration, state.iteration, iterations);
  const iteration = state.iteration + 1;
  const given = batchTensors(batch, configuration, state);

  const critic = await programs.critic.run({
    ...state.tensors,
    ...given,
    ...adamFactors(adam, rate * (programs.criticRate ?? 1), iteration),
  });
  const criticLosses = lossValues('critic', critic, iteration);
  const judged: HeldTensors = { ...state.tensors, ...nextTensors(critic) };
  if (iteration % configuration.generatorEvery !== 0) {
    return { state: { ...state, iteration, tensors: judged }, losses: criticLosses };
  }

  const generatorUpdates = state.generatorUpdates + 1;
  const generator = await programs.generator.run({
    ...judged,
    ...given,
    ...adamFactors(adam, rate, generatorUpdates),
  });
  const losses = { ...criticLosses, ...lossValues('generator', generator, iteration) };
  const tensors: HeldTensors = { ...judged, ...nextTensors(generator) };
  // Both updates move the generator's running statistics: those in between are nobody's.
  releaseUnused(nextTensors(critic), tensors);
  return { state: { ...state, iteration, generatorUpdates, tensors }, losses };
}

function batchTensors(
  batch: Batch,
  { sliceSide, batchSize, modalities, seed }: TrainingConfiguration,
  state: Pick<LiveState<string>, 'stage' | 'iteration'>,
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
    truth: tensor(batch.truth, slices),
    truthShare: tensor(batch.truthShare, [batchSize, 1, 1, 1]),
    maskShare: tensor(batch.maskShare, [batchSize, 1, 1, 1]),
    alpha: factors(),
    beta: factors(),
  };
}
