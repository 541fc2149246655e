import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sizeOf } from '../base/shapes.js';
import type { Tensors } from '../engine/graph/tensor.js';
import { type Runtime, releaseUnused } from '../engine/runtime/runtime.js';
import { utadMethod } from '../methods/utad.js';
import type { Assignment } from '../slices/assignment.js';
import type { SliceStore } from '../slices/slice-store.js';
import { prepareSliceStore } from '../slices/slice-store.node.js';
import type { Method, SliceSelection } from '../training/method.js';
import { loadState } from '../training/resident.js';
import { networkInUse, startState } from '../training/state.js';
import { compileUpdates, trainStep } from '../training/step.js';
import { iterationsOf } from '../training/training-configuration.js';
import { heldOut } from './continue-run.js';
import { assignmentsOf, casesOf, recipeOf } from './run-data.js';
import type { TranslatorRecord } from './run-folder.js';

/** What a stage would need, from a few measured steps. */
export interface StageEstimate {
  /** Name of the method. */
  readonly stage: string;
  readonly iterations: number;
  /** Of one iteration in the mean. */
  readonly secondsPerIteration: number;
  readonly validations: number;
  readonly secondsPerValidation: number;
  /** Of one checkpoint. */
  readonly checkpointBytes: number;
}

/** What a run would need. */
export interface RunEstimate {
  /** Estimated from the first patients. */
  readonly trainingSlices: number;
  readonly preparationSeconds: number;
  readonly cacheBytes: number;
  readonly stages: readonly StageEstimate[];
  /** The most memory that this process has taken so far. */
  readonly peakMemoryBytes: number;
}

/** How often each kind of iteration is measured; the first one also warms up and does not count. */
const measuredSteps = 2;

/**
 * Estimates time, memory and disk of a run without beginning it: prepares a few patients in a temporary folder, and
 * measures some iterations and a piece of a validation of each stage.
 *
 * @param record as `planRun` gives it
 * @throws UtadError as the run itself would.
 */
export async function estimateRun(record: TranslatorRecord, runtime: Runtime): Promise<RunEstimate> {
  const folder = await mkdtemp(join(tmpdir(), 'utad-dry-run-'));
  try {
    const { configuration } = record;
    const cases = await casesOf(record);
    const assignments = assignmentsOf(record, cases);
    // A student's teacher is new as well, which takes as long as a trained one.
    const stages = record.stages === 'both' ? (['teacher', 'student'] as const) : [record.stages];
    const methods = stages.map((stage) => utadMethod(configuration, stage));
    const recipe = recipeOf(configuration);
    const { slices } = methods[0]!;
    const prepared = await prepareSome(folder, assignments, recipe, slices, configuration.schedule.batchSize);
    const oneSlice = {
      validationCases: record.validationCases.slice(0, 1),
      configuration: { ...configuration, validation: { ...configuration.validation, slices: 1 } },
    };
    const estimates: StageEstimate[] = [];
    for (const method of methods) {
      const held = await heldOut(method, oneSlice, cases, recipe);
      const {
        validation: { slices: validationSlices },
      } = configuration;
      estimates.push(await estimateMethod(method, runtime, prepared, held, validationSlices));
    }
    prepared.store.close();
    const { trainingSlices, preparationSeconds } = prepared;
    const volumes = assignments.reduce((sum, one) => sum + one.modalities.length, 0);
    // At both ends of the brain as many slices are kept as context slices alone.
    const stored = trainingSlices + 2 * (configuration.model.contextSlices ?? 0) * volumes;
    return {
      trainingSlices,
      preparationSeconds,
      // float32 image and two masks, as the slice store holds them
      cacheBytes: stored * configuration.model.sliceSide ** 2 * 6,
      stages: estimates,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Prepared {
  readonly store: SliceStore;
  readonly trainingSlices: number;
  readonly preparationSeconds: number;
}

/** Prepares patients until there are slices for a batch, and estimates what all of them will give. */
async function prepareSome(
  folder: string,
  assignments: readonly Assignment[],
  recipe: ReturnType<typeof recipeOf>,
  slices: SliceSelection,
  batchSize: number,
): Promise<Prepared> {
  const volumesOf = (some: readonly Assignment[]): number =>
    some.reduce((sum, one) => sum + one.modalities.length, 0);
  for (
    let patients = Math.min(2, assignments.length);
    ;
    patients = Math.min(2 * patients, assignments.length)
  ) {
    const some = assignments.slice(0, patients);
    const began = performance.now();
    const store = await prepareSliceStore(folder, some, recipe, slices);
    const share = volumesOf(assignments) / volumesOf(some);
    if (store.count >= batchSize || patients === assignments.length)
      return {
        store,
        trainingSlices: Math.round(store.count * share),
        preparationSeconds: ((performance.now() - began) / 1000) * share,
      };
    store.close();
  }
}

/** Measures a few steps of a method and a piece of a validation. @param held one slice of one patient */
async function estimateMethod<Score, Held>(
  method: Method<Score, Held>,
  runtime: Runtime,
  { store, trainingSlices }: Prepared,
  held: readonly Held[],
  validationSlices: number,
): Promise<StageEstimate> {
  const { configuration } = method;
  const {
    schedule: { batchSize },
    validation: { every: validateEvery },
  } = configuration;
  const iterations = iterationsOf(configuration, Math.floor(trainingSlices / batchSize));
  const state = startState(method, await method.start());
  const updates = method.updates(store);
  const programs = await compileUpdates(runtime, method, updates);
  const batch = method.openBatches(store).at(0);
  const seconds = async (iteration: number): Promise<number> => {
    const times: number[] = [];
    for (let step = 0; step <= measuredSteps; step++) {
      const live = await loadState(programs, { ...state, iteration });
      const began = performance.now();
      const { state: next } = await trainStep(programs, configuration, live, batch, iterations);
      times.push((performance.now() - began) / 1000);
      releaseUnused({ ...live.tensors, ...next.tensors });
    }
    return Math.min(...times.slice(1));
  };
  // The last of each round does every update; where every one does, that is all there is.
  const round = Math.max(...updates.map(({ every }) => every));
  const full = await seconds(round - 1);
  const others = round === 1 ? full : await seconds(0);
  await programs.close();

  const validator = await method.validation.open(runtime, held);
  const began = performance.now();
  await validator?.score(networkInUse(method.output, state.tensors));
  const perBatch = validator === null ? 0 : (performance.now() - began) / 1000;
  await validator?.close();
  return {
    stage: method.name,
    iterations,
    secondsPerIteration: others + (full - others) / round,
    validations: Math.ceil(iterations / validateEvery),
    secondsPerValidation: perBatch * Math.ceil(validationSlices / batchSize),
    checkpointBytes: bytesOf(state.tensors),
  };
}

function bytesOf(tensors: Tensors): number {
  return Object.values(tensors).reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
}
