import { join } from 'node:path';
import { fail } from '../base/errors.js';
import { assembleBatch, counterpartsIn } from '../datasets/batch.js';
import { batchIndices } from '../datasets/sampler.js';
import type { SliceStore } from '../datasets/slice-store.js';
import { type Runtime, releaseUnused } from '../engine/runtime.js';
import {
  bestCheckpointPath,
  latestCheckpoint,
  loadCheckpoint,
  saveBest,
  saveCheckpoint,
} from './checkpoint.node.js';
import { iterationsOf, learningRateAt, modelOf, type TrainingConfiguration } from './configuration.js';
import { appendJournal, rewindJournal } from './journal.node.js';
import { generatorInUse, type TrainingState, validationMerit } from './state.js';
import { compileStage, type LiveState, type LossValues, loadState, readState, trainStep } from './step.js';
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
 * Trains a stage from its latest checkpoint, or from its start, to its end.
 *
 * Every iteration is a function of the state, the configuration and its own number, so a stage that was killed
 * and resumed goes through the same states as one that was not.
 *
 * @returns the last state
 * @throws UtadError interrupted when the signal asked to stop (a checkpoint was written), diverged when a loss is
 * not finite, io when the disk is full.
 */
export async function trainStage(plan: StagePlan): Promise<TrainingState> {
  const { configuration, stage, store, observer, now } = plan;
  const { seed, batchSize } = configuration;
  const journal = join(plan.folder, 'journal.jsonl');
  const perEpoch = Math.floor(store.count / batchSize);
  const iterations = iterationsOf(configuration, perEpoch);

  // 1. Where to begin
  const begun = (await latestCheckpoint(plan.folder, configuration)) ?? (await plan.start());
  await rewindJournal(journal, begun.iteration);
  observer.onBegin(stage, begun.iteration, iterations);
  if (begun.iteration >= iterations) return begun;

  // 2. Programs
  const counterpart = counterpartsIn(store);
  const programs = await compileStage(plan.runtime, stage, configuration);
  const validator = await createValidator(
    plan.runtime,
    stage,
    modelOf(configuration),
    batchSize,
    plan.validation,
  );
  let saved = begun.iteration;
  let live: LiveState = begun;
  try {
    live = await loadState(programs, begun);
    while (true) {
      // 3. A step
      const { iteration } = live;
      const began = now();
      const { indices } = batchIndices({ seed, iteration, batchSize, count: store.count });
      const batch = assembleBatch(store, indices, {
        mirror: configuration.mirror,
        augmentation: configuration.augmentation,
        counterpart,
        seed,
        iteration,
        modalityCount: configuration.modalities.length,
      });
      const result = await trainStep(programs, configuration, live, batch, iterations);
      releaseUnused(live.tensors, result.state.tensors);
      live = result.state;

      // 4. Its record
      const done = live.iteration;
      const learningRate = learningRateAt(configuration, iteration, iterations);
      await appendJournal(journal, {
        kind: 'step',
        iteration: done,
        learningRate,
        seconds: (now() - began) / 1000,
        losses: result.losses,
      });
      observer.onStep(stage, done, result.losses);

      // 5. Validation chooses the best
      const last = done === iterations;
      const validates = last || done % configuration.validateEvery === 0;
      const stops = plan.signal.aborted;
      const saves = last || stops || done % configuration.checkpointEvery === 0;
      if (!validates && !saves) continue;
      let state = await readState(programs, live);
      if (validates) {
        const { score, samples } = await validator.score(generatorInUse(state.tensors));
        await appendJournal(journal, { kind: 'validation', iteration: done, score });
        const better = state.best === null || validationMerit(score) > validationMerit(state.best);
        if (better) {
          const best = { iteration: done, ssim: score.ssim, mae: score.mae };
          [state, live] = [
            { ...state, best },
            { ...live, best },
          ];
          await saveBest(plan.folder, state, configuration);
        }
        await observer.onValidation(stage, done, score, samples, better);
      }

      // 6. Checkpoint
      if (saves) {
        await saveCheckpoint(plan.folder, state, configuration);
        saved = done;
      }
      if (last) return state;
      if (stops) {
        fail('interrupted', {
          where: `${stage}, iteration ${done} of ${iterations}`,
          expected: 'to go on',
          got: 'a request to stop',
          todo: 'The state is saved; continue with --resume.',
        });
      }
    }
  } catch (error) {
    throw withLastCheckpoint(error, plan.folder, saved);
  } finally {
    releaseUnused(live.tensors);
    await programs.close();
    await validator.close();
  }
}

/** The generator of a finished stage that validated best, as tensors `G.*`. @throws UtadError not-found or bad-file. */
export async function bestGenerator(
  folder: string,
  configuration: TrainingConfiguration,
): Promise<TrainingState> {
  return loadCheckpoint(bestCheckpointPath(folder), configuration);
}

/** A divergence says which checkpoint is still good. */
function withLastCheckpoint(error: unknown, folder: string, saved: number): unknown {
  if (error instanceof Error && 'code' in error && error.code === 'diverged') {
    error.message +=
      saved > 0
        ? ` The last good checkpoint is iteration ${saved} in ${folder}.`
        : ' There is no checkpoint yet.';
  }
  return error;
}
