import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sizeOf } from '../base/shapes.js';
import type { Assignment } from '../slices/assignment.js';
import { assembleBatch, hasUnmasked } from '../slices/batch.js';
import type { SliceStore } from '../slices/slice-store.js';
import { prepareSliceStore } from '../slices/slice-store.node.js';
import { type Runtime, releaseUnused } from '../engine/runtime/runtime.js';
import type { Tensors } from '../engine/graph/tensor.js';
import { iterationsOf, modelOf, type TrainingConfiguration } from '../training/configuration.js';
import { loadState } from '../training/resident.js';
import { generatorInUse, startStudent, startTeacher, type TrainingState } from '../training/state.js';
import { compileStage, trainStep } from '../training/step.js';
import type { Stage } from '../training/update-setup.js';
import { createValidator, type ValidationSlice } from '../training/validation.js';
import { casesOf } from './run-data.js';
import type { RunRecord } from './run-folder.js';
import { assignmentsOf, recipeOf, validationSlicesOf } from './training-run.js';

/** What a stage would need, from a few measured steps. */
export interface StageEstimate {
  readonly stage: Stage;
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
export async function estimateRun(record: RunRecord, runtime: Runtime): Promise<RunEstimate> {
  const folder = await mkdtemp(join(tmpdir(), 'utad-dry-run-'));
  try {
    const { configuration } = record;
    const cases = await casesOf(record);
    const assignments = assignmentsOf(record, cases);
    const prepared = await prepareSome(folder, assignments, configuration);
    const first = { ...record, validationCases: record.validationCases.slice(0, 1) };
    const oneSlice = { ...first, configuration: { ...configuration, validationSlices: 1 } };
    const held = await validationSlicesOf(oneSlice, cases, recipeOf(configuration));
    const stages: StageEstimate[] = [];
    const wanted = record.stages === 'both' ? (['teacher', 'student'] as const) : [record.stages];
    for (const stage of wanted)
      stages.push(await estimateStage(stage, configuration, runtime, prepared, held));
    prepared.store.close();
    const { trainingSlices, preparationSeconds } = prepared;
    const volumes = assignments.reduce((sum, one) => sum + one.modalities.length, 0);
    // At both ends of the brain as many slices are kept as neighbours alone.
    const stored = trainingSlices + 2 * (configuration.neighbours ?? 0) * volumes;
    return {
      trainingSlices,
      preparationSeconds,
      // float32 image and two masks, as the slice store holds them
      cacheBytes: stored * configuration.sliceSide ** 2 * 6,
      stages,
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

/** Prepares patients until there are slices for a batch, and reckons what all of them will give. */
async function prepareSome(
  folder: string,
  assignments: readonly Assignment[],
  configuration: TrainingConfiguration,
): Promise<Prepared> {
  const { modalities, minimumBrainFraction, batchSize, neighbours = 0 } = configuration;
  const recipe = recipeOf(configuration);
  const what = { modalities, minimumBrainFraction, neighbours };
  const volumesOf = (some: readonly Assignment[]): number =>
    some.reduce((sum, one) => sum + one.modalities.length, 0);
  for (
    let patients = Math.min(2, assignments.length);
    ;
    patients = Math.min(2 * patients, assignments.length)
  ) {
    const some = assignments.slice(0, patients);
    const began = performance.now();
    const store = await prepareSliceStore(folder, some, recipe, what);
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

async function estimateStage(
  stage: Stage,
  configuration: TrainingConfiguration,
  runtime: Runtime,
  { store, trainingSlices }: Prepared,
  held: readonly ValidationSlice[],
): Promise<StageEstimate> {
  const { batchSize, generatorEvery, validationSlices, validateEvery, modalities } = configuration;
  const iterations = iterationsOf(configuration, Math.floor(trainingSlices / batchSize));
  const state = startOf(stage, configuration);
  const programs = await compileStage(runtime, stage, configuration, hasUnmasked(store));
  const batch = assembleBatch(
    store,
    Array.from({ length: batchSize }, (_, i) => i % store.count),
    {
      seed: configuration.seed,
      iteration: 0,
      modalityCount: modalities.length,
      neighbours: configuration.neighbours ?? 0,
    },
  );
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
  // The last of each round also updates the generator; where every one does, that is all there is.
  const full = await seconds(generatorEvery - 1);
  const critic = generatorEvery === 1 ? full : await seconds(0);
  await programs.close();

  const validator = await createValidator(runtime, stage, modelOf(configuration, stage), batchSize, held);
  const began = performance.now();
  const { score } = await validator.score(generatorInUse(state.tensors));
  const perBatch = (performance.now() - began) / 1000 / score.directions.length;
  await validator.close();
  const batches = modalities.length * (modalities.length - 1) * Math.ceil(validationSlices / batchSize);
  return {
    stage,
    iterations,
    secondsPerIteration: critic + (full - critic) / generatorEvery,
    validations: Math.ceil(iterations / validateEvery),
    secondsPerValidation: perBatch * batches,
    checkpointBytes: bytesOf(state.tensors),
  };
}

/** A state before its first update; a student's teacher is new as well, which takes as long as a trained one. */
function startOf(stage: Stage, configuration: TrainingConfiguration): TrainingState {
  const { seed } = configuration;
  const average = configuration.averageDecay > 0;
  const teacher = startTeacher(modelOf(configuration), seed, average);
  if (stage === 'teacher') return teacher;
  const [model, teacherModel] = [modelOf(configuration, 'student'), modelOf(configuration)];
  return startStudent(generatorInUse(teacher.tensors), model, seed, average, teacherModel);
}

function bytesOf(tensors: Tensors): number {
  return Object.values(tensors).reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
}
