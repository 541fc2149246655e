import type { Tensors } from '../engine/graph/tensor.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { assembleBatch, counterpartsIn, hasUnmasked } from '../slices/batch.js';
import { batchIndices } from '../slices/sampler.js';
import type { SliceStore } from '../slices/slice-store.js';
import { latestCheckpoint, loadCheckpoint, saveBest, saveCheckpoint } from './checkpoint.node.js';
import { bestCheckpointPath } from './checkpoint-files.node.js';
import { iterationsOf, learningRateAt, modelOf, type TrainingConfiguration } from './configuration.js';
import { openEventFile } from './event-file.node.js';
import { journalPath, readJournal } from './journal.node.js';
import type { LossValues } from './program-outputs.js';
import { loadState, readState } from './resident.js';
import { type OpenTraining, runLoop } from './run-loop.node.js';
import { generatorInUse, type TrainingState, validationMerit } from './state.js';
import { compileStage, type LiveState, type StagePrograms, trainStep } from './step.js';
import type { Scalars } from './tensorboard.js';
import type { Stage } from './update-setup.js';
import {
  createValidator,
  type SampleRow,
  type ValidationScore,
  type ValidationSlice,
  type Validator,
} from './validation.js';

/** What the training of a translator needs from outside. */
export interface TranslatorPlan<Kind extends string = Stage> {
  readonly configuration: TrainingConfiguration;
  readonly stage: Kind;
  /** The stage's own folder: journal and checkpoints. */
  readonly folder: string;
  readonly store: SliceStore;
  readonly runtime: Runtime;
  /** The state before the first iteration; asked for only where there is no checkpoint. */
  readonly start: () => Promise<TrainingState<Tensors, Kind>>;
  readonly observer: StageObserver<Kind>;
  /** Stops the stage after the iteration in progress; a checkpoint is written first. */
  readonly signal: AbortSignal;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** When the run began, in seconds since 1970, for TensorBoard; null where nothing is written for it. */
  readonly startedAt: number | null;
}

/** What a stage needs from outside. */
export interface StagePlan extends TranslatorPlan {
  /** Slices that choose the best checkpoint; null where none is chosen and the last state counts. */
  readonly validation: readonly ValidationSlice[] | null;
}

/** What differs between one way to train a translator and another. */
export interface TranslatorKind<Kind extends string = Stage> {
  readonly compile: (runtime: Runtime) => Promise<StagePrograms>;
  /** The slices of an iteration's batch, by their places in the store. */
  readonly indices: (iteration: number) => readonly number[];
  /** The latest whole state of a folder; null when there is none. */
  readonly latest: (folder: string) => Promise<TrainingState<Tensors, Kind> | null>;
  /** Judges states on held-out slices; null where the last state counts. */
  readonly openValidator: ((runtime: Runtime) => Promise<Validator>) | null;
}

/** Who watches a stage. */
export interface StageObserver<Kind extends string = Stage> {
  readonly onBegin: (stage: Kind, from: number, iterations: number) => void;
  readonly onStep: (stage: Kind, iteration: number, losses: LossValues) => void;
  readonly onValidation: (
    stage: Kind,
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
  const { configuration, stage, store, validation } = plan;
  const { seed, batchSize } = configuration;
  return trainTranslator(plan, {
    compile: (runtime) => compileStage(runtime, stage, configuration, hasUnmasked(store)),
    indices: (iteration) => batchIndices({ seed, iteration, batchSize, count: store.count }).indices,
    latest: (folder) => latestCheckpoint(folder, configuration),
    openValidator:
      validation &&
      ((runtime) => createValidator(runtime, stage, modelOf(configuration, stage), batchSize, validation)),
  });
}

/**
 * Trains a translator of any kind; see {@link trainStage}.
 *
 * @returns the last state
 * @throws UtadError as `runLoop`.
 */
export async function trainTranslator<Kind extends string>(
  plan: TranslatorPlan<Kind>,
  kind: TranslatorKind<Kind>,
): Promise<TrainingState<Tensors, Kind>> {
  const { configuration, stage, folder, store, observer } = plan;
  const perEpoch = Math.floor(store.count / configuration.batchSize);
  const iterations = iterationsOf(configuration, perEpoch);
  const { startedAt } = plan;
  return runLoop<TrainingState<Tensors, Kind>, LiveState<Kind>, ValidationScore>({
    label: stage,
    folder,
    iterations,
    checkpointEvery: configuration.checkpointEvery,
    validateEvery: configuration.validateEvery,
    latest: () => kind.latest(folder),
    start: plan.start,
    open: () => openTraining(plan, kind, iterations),
    save: (state) => saveCheckpoint(folder, state, configuration),
    saveBest: (state) => saveBest(folder, state, configuration),
    ...(startedAt === null
      ? {}
      : {
          openEvents: async () =>
            openEventFile(folder, await readJournal(journalPath(folder)), {
              startedAt,
              scalarsOf: (score) => scalarsOf(score, configuration.modalities),
            }),
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

async function openTraining<Kind extends string>(
  { configuration, stage, store, runtime, observer }: TranslatorPlan<Kind>,
  kind: TranslatorKind<Kind>,
  iterations: number,
): Promise<OpenTraining<TrainingState<Tensors, Kind>, LiveState<Kind>, ValidationScore>> {
  const { seed, targets, mirror, augmentation, maskJitter, modalities, neighbours = 0 } = configuration;
  const counterpart = counterpartsIn(store);
  const programs = await kind.compile(runtime);
  const validator = kind.openValidator && (await kind.openValidator(runtime));
  return {
    load: (state) => loadState(programs, state),
    read: (live) => readState(programs, live),
    step: async (live) => {
      const { iteration } = live;
      const batch = assembleBatch(store, kind.indices(iteration), {
        neighbours,
        targets,
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
    validate:
      validator &&
      (async (state) => {
        const { score, samples } = await validator.score(generatorInUse(state.tensors));
        const { iteration } = state;
        const better = state.best === null || validationMerit(score) > validationMerit(state.best);
        return {
          score,
          best: better ? { iteration, ssim: score.ssim, mae: score.mae } : null,
          tell: (best) => observer.onValidation(stage, iteration, score, samples, best),
        };
      }),
    close: async () => {
      await programs.close();
      await validator?.close();
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
