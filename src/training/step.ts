import { createRandom } from '../base/random.js';
import { sizeOf } from '../base/shapes.js';
import type { Graph } from '../engine/graph/graph.js';
import { type Tensor, type Tensors, tensor } from '../engine/graph/tensor.js';
import {
  type DeviceMemory,
  type HeldTensors,
  type ResidentProgram,
  type Runtime,
  releaseUnused,
} from '../engine/runtime/runtime.js';
import type { Batch } from '../slices/batch.js';
import { adamFactors } from './adam.js';
import { learningRateAt, modelOf, type TrainingConfiguration, weightsOf } from './configuration.js';
import { jointAdamFactors, jointUpdate, termsOf } from './joint-update.js';
import { networkSpecs } from './networks.js';
import { type LossValues, lossValues, nextTensors } from './program-outputs.js';
import { compileResident } from './resident.js';
import type { TrainingState } from './state.js';
import { criticsWanted } from './terms.js';
import { criticUpdate, generatorUpdate } from './update.js';
import type { Stage, UpdateSetup } from './update-setup.js';

/** The programs of a stage; on a device with its own memory the state stays there between steps. */
export interface StagePrograms {
  /** The critics' update; null where a joint program has it in every iteration, and where no critic is wanted. */
  readonly critic: ResidentProgram | null;
  readonly generator: GeneratorProgram;
  readonly memory: DeviceMemory | null;
  /** Learning rate of the critics by that of the generator; 1 when left out. */
  readonly criticRate?: number;
  readonly close: () => Promise<void>;
}

/**
 * How the generator is updated: in one program with the critics, which computes their common pass once, or after them
 * where the memory should not have to hold both at once.
 */
type GeneratorProgram =
  | { readonly kind: 'joint'; readonly program: ResidentProgram }
  | { readonly kind: 'after'; readonly program: ResidentProgram };

/** A state between two steps, wherever its tensors lie. */
export type LiveState<Kind extends string = Stage> = TrainingState<HeldTensors, Kind>;

/** What a configuration says about the two programs of a stage. */
export function updateSetupOf(
  configuration: TrainingConfiguration,
  stage: Stage,
  someUnmasked = false,
): UpdateSetup {
  const { batchSize, beta1, beta2, averageDecay, pixelWeights, truthError } = configuration;
  return {
    stage,
    model: modelOf(configuration, stage),
    teacher: modelOf(configuration, 'teacher'),
    batchSize,
    weights: weightsOf(configuration),
    adam: { beta1, beta2 },
    averageDecay,
    pixelWeights,
    truthError,
    someUnmasked,
  };
}

/**
 * Weights of all networks together up to which both updates are one program. Beyond, as with 64 features, the state
 * before and after of all three networks at once takes a third more memory, and weights more time than the pass.
 */
const mostJointNumbers = 2 ** 26;

function numbersIn(model: UpdateSetup['model']): number {
  const networks = (['G', 'D', 'localD'] as const).flatMap((network) => networkSpecs(network, model));
  return networks.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
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
  const judged = criticsWanted(setup.weights).length > 0;
  const joint = judged && runtime.memory === undefined && numbersIn(setup.model) <= mostJointNumbers;
  const critic =
    !judged || (joint && configuration.generatorEvery === 1)
      ? null
      : await compileResident(runtime, criticUpdate(setup));
  const generator: GeneratorProgram = joint
    ? { kind: 'joint', program: await compileResident(runtime, jointUpdate(setup)) }
    : { kind: 'after', program: await compileResident(runtime, generatorUpdate(setup)) };
  return stagePrograms(runtime, critic, generator);
}

/** Compiles two updates of a training that are done one after the other. */
export async function compileUpdates(
  runtime: Runtime,
  criticGraph: Graph,
  generatorGraph: Graph,
): Promise<StagePrograms> {
  const critic = await compileResident(runtime, criticGraph);
  const program = await compileResident(runtime, generatorGraph);
  return stagePrograms(runtime, critic, { kind: 'after', program });
}

function stagePrograms(
  runtime: Runtime,
  critic: ResidentProgram | null,
  generator: GeneratorProgram,
): StagePrograms {
  return {
    critic,
    generator,
    memory: runtime.memory ?? null,
    close: async () => {
      await critic?.close();
      await generator.program.close();
    },
  };
}

/**
 * One iteration: a critic update, and every `generatorEvery`-th time a generator update on the same batch.
 *
 * @param iterations of the whole stage, for the learning rate
 * @returns the state after it and the loss values: `critic.*` where there are critics, `generator.*` where it was updated
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

  const factors = adamFactors(adam, rate * (programs.criticRate ?? 1), iteration);
  const updatesGenerator = iteration % configuration.generatorEvery === 0;
  const generatorUpdates = state.generatorUpdates + (updatesGenerator ? 1 : 0);
  const { generator, critic } = programs;
  if (updatesGenerator && generator.kind === 'joint') {
    const results = await generator.program.run({
      ...state.tensors,
      ...given,
      ...factors,
      ...jointAdamFactors(adamFactors(adam, rate, generatorUpdates)),
    });
    const losses = {
      ...lossValues('critic', termsOf('critic', results), iteration),
      ...lossValues('generator', termsOf('generator', results), iteration),
    };
    const tensors: HeldTensors = { ...state.tensors, ...nextTensors(results) };
    return { state: { ...state, iteration, generatorUpdates, tensors }, losses };
  }

  const judging = (await critic?.run({ ...state.tensors, ...given, ...factors })) ?? {};
  const criticLosses = lossValues('critic', judging, iteration);
  const judged: HeldTensors = { ...state.tensors, ...nextTensors(judging) };
  if (!updatesGenerator) return { state: { ...state, iteration, tensors: judged }, losses: criticLosses };

  const learning = await generator.program.run({
    ...judged,
    ...given,
    ...adamFactors(adam, rate, generatorUpdates),
  });
  const losses = { ...criticLosses, ...lossValues('generator', learning, iteration) };
  const tensors: HeldTensors = { ...judged, ...nextTensors(learning) };
  // Both updates move the generator's running statistics: those in between are nobody's.
  releaseUnused(nextTensors(judging), tensors);
  return { state: { ...state, iteration, generatorUpdates, tensors }, losses };
}

function batchTensors(
  batch: Batch,
  { sliceSide, batchSize, modalities, seed, neighbours = 0 }: TrainingConfiguration,
  state: Pick<LiveState<string>, 'stage' | 'iteration'>,
): Tensors {
  const slices = [batchSize, 1, sliceSide, sliceSide];
  const around = [batchSize, 2 * neighbours, sliceSide, sliceSide];
  const oneHot = [batchSize, modalities.length];
  const random = createRandom(seed, state.stage, 'mixing', state.iteration);
  const factors = (): Tensor =>
    tensor(Float32Array.from({ length: batchSize }, random.uniform), [batchSize, 1, 1, 1]);
  return {
    image: tensor(batch.image, slices),
    ...(neighbours > 0 ? { neighbours: tensor(batch.neighbours, around) } : {}),
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
