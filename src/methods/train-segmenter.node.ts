import type { Tensors } from '../engine/graph/tensor.js';
import type { HeldTensors, Runtime } from '../engine/runtime/runtime.js';
import { segmenterPrefix } from '../model/segmenter-network.js';
import { batchesPerEpoch, batchIndices } from '../slices/sampler.js';
import type { SliceStore } from '../slices/slice-store.js';
import { adamFactors } from '../training/adam.js';
import { iterationsOf, learningRateAt } from '../training/configuration.js';
import { type LossValues, lossValues, nextTensors } from '../training/program-outputs.js';
import { compileResident, loadState, readState } from '../training/resident.js';
import { type OpenTraining, runLoop } from '../training/run-loop.node.js';
import { type SliceRow, segmentationBatch, sliceRows } from './segmenter-batches.js';
import { type SegmentationConfiguration, segmenterOf } from './segmenter-configuration.js';
import {
  latestSegmenter,
  type SegmenterState,
  saveBestSegmenter,
  saveSegmenter,
  startSegmenter,
} from './segmenter-state.node.js';
import { segmenterUpdate } from './segmenter-update.js';
import {
  createSegmentationValidator,
  type SegmentationScore,
  type ValidationPatient,
} from './segmenter-validation.js';

/** What the training of a segmenter needs from outside. */
export interface SegmenterPlan {
  readonly configuration: SegmentationConfiguration;
  /** Folder of journal and checkpoints. */
  readonly folder: string;
  /** Slices of all modalities, with the configuration's regions in their masks. */
  readonly store: SliceStore;
  /** Held-out patients; where there are none, nothing is chosen and the last state counts. */
  readonly validation: readonly ValidationPatient[];
  readonly runtime: Runtime;
  readonly observer: SegmenterObserver;
  readonly signal: AbortSignal;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** Who watches a segmenter's training. */
export interface SegmenterObserver {
  readonly onBegin: (from: number, iterations: number) => void;
  readonly onStep: (iteration: number, losses: LossValues) => void;
  readonly onValidation: (iteration: number, score: SegmentationScore, best: boolean) => void;
}

/**
 * Trains a segmenter from its latest checkpoint, or from its start, to its end; see `runLoop`.
 *
 * @returns the last state
 * @throws UtadError as `runLoop`; bad-argument when a batch is larger than the data.
 */
export async function trainSegmenter(plan: SegmenterPlan): Promise<SegmenterState> {
  const { configuration, folder, store, observer } = plan;
  const rows = sliceRows(store, configuration.modalities.length);
  const iterations = iterationsOf(configuration, batchesPerEpoch(rows.length, configuration.batchSize));
  return runLoop<SegmenterState, SegmenterState<HeldTensors>, SegmentationScore>({
    label: 'segmenter',
    folder,
    iterations,
    checkpointEvery: configuration.checkpointEvery,
    validateEvery: configuration.validateEvery,
    latest: () => latestSegmenter(folder, configuration),
    start: async () => startSegmenter(configuration),
    open: () => openTraining(plan, rows, iterations),
    save: (state) => saveSegmenter(folder, state, configuration),
    saveBest: (state) => saveBestSegmenter(folder, state, configuration),
    onBegin: (from) => observer.onBegin(from, iterations),
    onStep: observer.onStep,
    signal: plan.signal,
    now: plan.now,
  });
}

async function openTraining(
  { configuration, store, runtime, validation, observer }: SegmenterPlan,
  rows: readonly SliceRow[],
  iterations: number,
): Promise<OpenTraining<SegmenterState, SegmenterState<HeldTensors>, SegmentationScore>> {
  const model = segmenterOf(configuration);
  const { seed, batchSize, modalityDropout, mirror, augmentation, lossWeights, beta1, beta2 } = configuration;
  const adam = { beta1, beta2 };
  const setup = { model, batchSize, weights: lossWeights, adam };
  const program = await compileResident(runtime, segmenterUpdate(setup));
  const validator =
    validation.length === 0 ? null : await createSegmentationValidator(runtime, model, batchSize, validation);
  const memory = { memory: runtime.memory ?? null };
  return {
    load: (state) => loadState(memory, state),
    read: (live) => readState(memory, live),
    step: async (live) => {
      const { indices } = batchIndices({ seed, iteration: live.iteration, batchSize, count: rows.length });
      const chosen = indices.map((index) => rows[index]!);
      const drawn = { seed, iteration: live.iteration, modalityDropout, mirror, augmentation };
      const learningRate = learningRateAt(configuration, live.iteration, iterations);
      const iteration = live.iteration + 1;
      const results = await program.run({
        ...live.tensors,
        ...segmentationBatch(store, chosen, model, drawn),
        ...adamFactors(adam, learningRate, iteration),
      });
      const losses = lossValues('segmenter', results, iteration);
      const tensors = { ...live.tensors, ...nextTensors(results) };
      return { state: { ...live, iteration, tensors }, losses, learningRate };
    },
    validate:
      validator &&
      (async (state) => {
        const score = await validator.score(networkIn(state.tensors));
        const { iteration } = state;
        const better = state.best === null || score.dice > state.best.dice;
        return {
          score,
          best: better ? { iteration, dice: score.dice } : null,
          tell: async (best) => observer.onValidation(iteration, score, best),
        };
      }),
    close: async () => {
      await program.close();
      await validator?.close();
    },
  };
}

/** The network's own tensors in a training state. */
export function networkIn(tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => name.startsWith(segmenterPrefix)));
}
