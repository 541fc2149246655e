import { assembleBatch, counterpartsIn, hasUnmasked } from '../datasets/batch.js';
import { batchIndices } from '../datasets/sampler.js';
import type { SliceStore } from '../datasets/slice-store.js';
import type { Runtime } from '../engine/runtime.js';
import { latestCheckpoint, loadCheckpoint, saveBest, saveCheckpoint } from './checkpoint.node.js';
import { bestCheckpointPath } from './checkpoint-files.node.js';
import { iterationsOf, learningRateAt, modelOf, type TrainingConfiguration } from './configuration.js';
import { openEventFile } from './event-file.node.js';
import { journalPath, readJournal } from './journal.node.js';
import type { LossValues } from './program-outputs.js';
import { loadState, readState } from './resident.js';
import { type OpenTraining, runLoop } from './run-loop.node.js';
import { generatorInUse, type TrainingState, validationMerit } from './state.js';
import { compileStage, type LiveState, trainStep } from './step.js';
import type { Scalars } from './tensorboard.js';
import type { Stage } from './update.js';
import { createValidator, type SampleRow, type ValidationScore, type ValidationSlice } from './validation.js';

/** What a stage needs from outside. */
export interface StagePlan {
  readonly configuration: TrainingConfiguration;
  readonly stage: Stage;
  /** The stage's own folder: journal and checkpoints. */
  readonly folder: string;
  readonly store: SliceStore;
  readonly validation: readonly ValidationSlice[];
  readonly runtime: Runtime;
  /** The state before the first iteration; asked for only where there is no checkpoint. */
  readonly start: () => Promise<TrainingState>;
  readonly observer: StageObserver;
  /** Stops the stage after the iteration in progress; a checkpoint is written first. */
  readonly signal: AbortSignal;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** When the run began, in seconds since 1970, for TensorBoard. */
  readonly startedAt: number;
}

/** Who watches a stage. */
export interface StageObserver {
  readonly onBegin: (stage: Stage, from: number, iterations: number) => void;
  readonly onStep: (stage: Stage, iteration: number, losses: LossValues) => void;
  readonly onValidation: (
    stage: Stage,
    iteration: number,
    score: ValidationScore,
    samples: readonly SampleRow[],
    best: boolean,
  ) => Promise<void>;
}

/**
 * Trains a stage from its latest checkpoint, or from its start, to its end; see `runLoop`.
 *
 * @returns the last state
 * @throws UtadError as `runLoop`.
 */
export async function trainStage(plan: StagePlan): Promise<TrainingState> {
  const { configuration, stage, folder, store, observer } = plan;
  const perEpoch = Math.floor(store.count / configuration.batchSize);
  const iterations = iterationsOf(configuration, perEpoch);
  return runLoop<TrainingState, LiveState, ValidationScore>({
    label: stage,
    folder,
    iterations,
    checkpointEvery: configuration.checkpointEvery,
    validateEvery: configuration.validateEvery,
    latest: () => latestCheckpoint(folder, configuration),
    start: plan.start,
    open: () => openStage(plan, iterations),
    save: (state) => saveCheckpoint(folder, state, configuration),
    saveBest: (state) => saveBest(folder, state, configuration),
    openEvents: async () =>
      openEventFile(folder, await readJournal(journalPath(folder)), {
        startedAt: plan.startedAt,
        scalarsOf: (score) => scalarsOf(score, configuration.modalities),
      }),
    onBegin: (from) => observer.onBegin(stage, from, iterations),
    onStep: (iteration, losses) => observer.onStep(stage, iteration, losses),
    signal: plan.signal,
    now: plan.now,
  });
}

function scalarsOf({ ssim, mae, directions }: ValidationScore, modalities: readonly string[]): Scalars {
  const each = directions.flatMap((one) => {
    const direction = `${modalities[one.source]} to ${modalities[one.target]}`;
    return [
      [`ssim/${direction}`, one.ssim],
      [`mae/${direction}`, one.mae],
    ] as const;
  });
  return { 'validation/ssim': ssim, 'validation/mae': mae, ...Object.fromEntries(each) };
}

async function openStage(
  { configuration, stage, store, runtime, validation, observer }: StagePlan,
  iterations: number,
): Promise<OpenTraining<TrainingState, LiveState, ValidationScore>> {
  const { seed, batchSize, mirror, augmentation, maskJitter, modalities } = configuration;
  const counterpart = counterpartsIn(store);
  const programs = await compileStage(runtime, stage, configuration, hasUnmasked(store));
  const validator = await createValidator(
    runtime,
    stage,
    modelOf(configuration, stage),
    batchSize,
    validation,
  );
  return {
    load: (state) => loadState(programs, state),
    read: (live) => readState(programs, live),
    step: async (live) => {
      const { iteration } = live;
      const { indices } = batchIndices({ seed, iteration, batchSize, count: store.count });
      const batch = assembleBatch(store, indices, {
        mirror,
        augmentation,
        maskJitter,
        pixelMm: configuration.fieldOfViewMm / configuration.sliceSide,
        counterpart,
        seed,
        iteration,
        modalityCount: modalities.length,
      });
      const result = await trainStep(programs, configuration, live, batch, iterations);
      return { ...result, learningRate: learningRateAt(configuration, iteration, iterations) };
    },
    validate: async (state) => {
      const { score, samples } = await validator.score(generatorInUse(state.tensors));
      const { iteration } = state;
      const better = state.best === null || validationMerit(score) > validationMerit(state.best);
      return {
        score,
        best: better ? { iteration, ssim: score.ssim, mae: score.mae } : null,
        tell: (best) => observer.onValidation(stage, iteration, score, samples, best),
      };
    },
    close: async () => {
      await programs.close();
      await validator.close();
    },
  };
}

/** The generator of a finished stage that validated best, as tensors `G.*`. @throws UtadError not-found or bad-file. */
export async function bestGenerator(
  folder: string,
  configuration: TrainingConfiguration,
): Promise<TrainingState> {
  return loadCheckpoint(bestCheckpointPath(folder), configuration);
}
