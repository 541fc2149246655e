import type { Tensors } from '../engine/graph/tensor.js';
import type { DeviceMemory, HeldTensors, ResidentProgram, Runtime } from '../engine/runtime/runtime.js';
import { releaseUnused } from '../engine/runtime/runtime.js';
import { adamFactors } from './adam.js';
import { jointAdamFactors, jointUpdate, termsOf } from './joint-update.js';
import type { MethodConfiguration, Update } from './method.js';
import { type LossValues, lossValues, nextTensors } from './program-outputs.js';
import { compileResident } from './resident.js';
import type { TrainingState } from './state.js';
import { learningRateAt } from './training-configuration.js';

/** The updates of a method, compiled; on a device with its own memory the state stays there between steps. */
export interface UpdatePrograms {
  readonly updates: readonly CompiledUpdate[];
  /** Both of two updates in one program; null where each has its own. */
  readonly joint: ResidentProgram | null;
  readonly memory: DeviceMemory | null;
  readonly close: () => Promise<void>;
}

/** An update with its program; null where it is never done without the joint one. */
interface CompiledUpdate extends Omit<Update, 'graph'> {
  readonly program: ResidentProgram | null;
}

/** A state between two steps, wherever its tensors lie. */
export type LiveState<Score> = TrainingState<Score, HeldTensors>;

/**
 * Builds and compiles the updates of a method.; two that begin with the same pass become one program where the device has no
 * memory of its own.
 */
export async function compileUpdates(
  runtime: Runtime,
  { name, joinsUpdates }: { readonly name: string; readonly joinsUpdates: boolean },
  updates: readonly Update[],
): Promise<UpdatePrograms> {
  const [first, second] = updates;
  const isJoint = joinsUpdates && first !== undefined && second !== undefined && runtime.memory === undefined;
  const compiled: CompiledUpdate[] = [];
  for (const { graph, ...update } of updates) {
    // Two updates are joined where both are due: the later one always comes with the earlier one.
    const isAlone = !isJoint || (update.label === first.label && second.every > 1);
    compiled.push({ ...update, program: isAlone ? await compileResident(runtime, graph()) : null });
  }
  const joint = isJoint
    ? await compileResident(runtime, jointUpdate(`${name} iteration`, first, second))
    : null;
  return {
    updates: compiled,
    joint,
    memory: runtime.memory ?? null,
    close: async () => {
      for (const { program } of compiled) await program?.close();
      await joint?.close();
    },
  };
}

/**
 * One iteration: every update that is due in it, in their order and on the same batch.
 *
 * @param batch inputs of the programs
 * @param iterations of the whole training, for the learning rate
 * @returns the state after it and the loss values, `<update>.<term>` for the updates that were done
 * @throws UtadError diverged when a loss is not finite, naming the term; the given state is unharmed. Of a state on a
 *   device, what the step replaced is for the caller to release.
 */
export async function trainStep<Score>(
  programs: UpdatePrograms,
  configuration: MethodConfiguration,
  state: LiveState<Score>,
  batch: Tensors,
  iterations: number,
): Promise<{ state: LiveState<Score>; losses: LossValues }> {
  const iteration = state.iteration + 1;
  const rate = learningRateAt(configuration, state.iteration, iterations);
  const due = programs.updates.filter(({ every }) => iteration % every === 0);
  // The n-th time that an update is done, Adam's n-th factors are due.
  const factorsOf = ({ every, rateFactor }: Pick<Update, 'every' | 'rateFactor'>): Tensors =>
    adamFactors(configuration.optimiser, rate * rateFactor, Math.floor(iteration / every));

  const [first, second] = due;
  if (programs.joint !== null && first !== undefined && second !== undefined) {
    const factors = { ...factorsOf(first), ...jointAdamFactors(second.label, factorsOf(second)) };
    const results = await programs.joint.run({ ...state.tensors, ...batch, ...factors });
    const losses = Object.assign(
      {},
      ...[first, second].map(({ label }) => lossValues(label, termsOf(label, results), iteration)),
    ) as LossValues;
    return { state: { ...state, iteration, tensors: { ...state.tensors, ...nextTensors(results) } }, losses };
  }

  let tensors = state.tensors;
  let losses: LossValues = {};
  const replaced: HeldTensors[] = [];
  for (const update of due) {
    const results = (await update.program?.run({ ...tensors, ...batch, ...factorsOf(update) })) ?? {};
    losses = { ...losses, ...lossValues(update.label, results, iteration) };
    const next = nextTensors(results);
    replaced.push(next);
    tensors = { ...tensors, ...next };
  }
  // Both updates move the generator's running statistics: nothing uses those in between.
  for (const next of replaced) releaseUnused(next, tensors);
  return { state: { ...state, iteration, tensors }, losses };
}
