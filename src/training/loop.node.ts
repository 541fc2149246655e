import { stop } from '../base/errors.js';
import { makeFolder } from '../base/files.node.js';
import { type HeldTensors, type Runtime, releaseUnused } from '../engine/runtime/runtime.js';
import type { SliceStore } from '../slices/slice-store.js';
import { latestCheckpoint, requireBest, saveBest, saveCheckpoint } from './checkpoint.node.js';
import { checkpointPath } from './checkpoint-files.node.js';
import { openEventFile } from './event-file.node.js';
import { appendJournal, type JournalLine, journalPath, readJournal, rewindJournal } from './journal.node.js';
import type { Method, Validator } from './method.js';
import type { TrainingObserver } from './observer.js';
import { requireFinite } from './program-outputs.js';
import { loadState, readState } from './resident.js';
import { networkInUse, startState, type TrainingState } from './state.js';
import { compileUpdates, trainStep } from './step.js';
import { iterationsOf, learningRateAt } from './training-configuration.js';

/** What a training needs from outside. */
export interface TrainingPlan<Score, Held> {
  readonly method: Method<Score, Held>;
  /** Folder of journal and checkpoints. */
  readonly folder: string;
  readonly store: SliceStore;
  /** Slices of held-out patients, which choose the best checkpoint; null where none is chosen and the last state counts. */
  readonly held: readonly Held[] | null;
  readonly runtime: Runtime;
  readonly observer: TrainingObserver;
  /** Stops the training after the iteration in progress; a checkpoint is written first. */
  readonly signal: AbortSignal;
  /** What it learns from, kept with each checkpoint and compared when it goes on; see `CheckpointOwner`. */
  readonly learnsFrom?: Readonly<Record<string, unknown>>;
  /** Called before each checkpoint is written. @throws UtadError where this process may no longer write to the folder */
  readonly requireOwned?: () => Promise<void>;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** When the run began, in seconds since 1970, for TensorBoard; null where nothing is written for it. */
  readonly startedAt: number | null;
}

/**
 * Trains a method from its latest checkpoint, or from its start, to its end.
 *
 * Every iteration is a function of the state, the configuration and its own number, so a training that was killed
 * and resumed goes through the same states as one that was not.
 *
 * @returns the last state
 * @throws UtadError interrupted when the signal asked to stop (a checkpoint was written); diverged when a loss or a
 * tensor is not finite, before it is saved; io when the disk is full, with earlier checkpoints untouched; bad-argument when
 * a batch is larger than the data.
 */
export async function train<Score, Held>(plan: TrainingPlan<Score, Held>): Promise<TrainingState<Score>> {
  const { method, folder, store, runtime, observer, now } = plan;
  const { name, configuration } = method;

  // 1. Where to begin
  const batches = method.openBatches(store);
  const iterations = iterationsOf(configuration, batches.perEpoch);
  const owner = { ...method, ...(plan.learnsFrom === undefined ? {} : { learnsFrom: plan.learnsFrom }) };
  const begun: TrainingState<Score> =
    (await latestCheckpoint(folder, owner, observer.onNotice)) ?? startState(method, await method.start());
  await requireBest(folder, owner, begun, observer.onNotice);
  await makeFolder(folder);
  const journal = journalPath(folder);
  await rewindJournal(journal, begun.iteration, observer.onNotice);
  observer.onBegin(name, begun.iteration, iterations);
  if (begun.iteration >= iterations) return begun;
  const record = await openRecord(plan);

  // 2. Programs
  const programs = await compileUpdates(runtime, method, method.updates(store));
  let validator: Validator<Score> | null = null;
  let saved = begun.iteration;
  let held: HeldTensors = begun.tensors;
  try {
    validator = plan.held && (await method.validation.open(runtime, plan.held));
    let live: TrainingState<Score, HeldTensors> = await loadState(programs, begun);
    held = live.tensors;
    while (true) {
      // 3. A step
      const began = now();
      const learningRate = learningRateAt(configuration, live.iteration, iterations);
      const step = await trainStep(programs, configuration, live, batches.at(live.iteration), iterations);
      releaseUnused(live.tensors, step.state.tensors);
      live = step.state;
      held = live.tensors;

      // 4. Its record
      const done = live.iteration;
      const seconds = (now() - began) / 1000;
      await record({ kind: 'step', iteration: done, learningRate, seconds, losses: step.losses });
      observer.onStep(name, done, step.losses);

      // 5. Validation chooses the best
      const last = done === iterations;
      const validates = validator !== null && (last || done % configuration.validation.every === 0);
      const stops = plan.signal.aborted;
      const saves = last || stops || done % configuration.schedule.checkpointEvery === 0;
      if (!validates && !saves) continue;
      let state: TrainingState<Score> = await readState(programs, live);
      requireFinite(`${name}, iteration ${done}`, state.tensors);
      if (validates && validator !== null) {
        const { score, samples } = await validator.score(networkInUse(method.output, state.tensors));
        const figures = method.validation.figuresSchema.parse(score);
        const { merit, describe } = method.validation;
        const best = state.best === null || merit(figures) > merit(state.best);
        await record({ kind: 'validation', iteration: done, score });
        if (best) {
          state = { ...state, best: { ...figures, iteration: done } };
          live = { ...live, best: state.best };
          await plan.requireOwned?.();
          await saveBest(folder, owner, state);
        }
        await observer.onValidation(name, done, { text: describe(score), samples, best });
      }

      // 6. Checkpoint
      if (saves) {
        await plan.requireOwned?.();
        await saveCheckpoint(folder, owner, state);
        saved = done;
      }
      if (last) return state;
      if (stops) {
        stop(
          {
            where: name,
            stopped: `after iteration ${done} of ${iterations}`,
            todo: 'the state is saved, continue with --resume',
          },
          { cause: plan.signal.reason },
        );
      }
    }
  } catch (error) {
    throw withLastCheckpoint(error, folder, saved);
  } finally {
    releaseUnused(held);
    await programs.close();
    await validator?.close();
  }
}

/** Opens the journal, and its copy for TensorBoard; called when the journal ends at the begun state. */
async function openRecord<Score, Held>({
  method: { validation },
  folder,
  startedAt,
}: TrainingPlan<Score, Held>): Promise<(line: JournalLine<Score>) => Promise<void>> {
  const journal = journalPath(folder);
  if (startedAt === null) return (line) => appendJournal(journal, line);
  const events = await openEventFile(folder, await readJournal(journal, validation.scoreSchema), {
    startedAt,
    scalarsOf: validation.scalars,
  });
  return async (line) => {
    await appendJournal(journal, line);
    await events.append(line);
  };
}

/** A divergence says which checkpoint is still good. */
function withLastCheckpoint(error: unknown, folder: string, saved: number): unknown {
  if (error instanceof Error && 'code' in error && error.code === 'diverged') {
    error.message +=
      saved > 0
        ? ` The last good checkpoint is iteration ${saved}, ${checkpointPath(folder, saved)}.`
        : ' There is no checkpoint yet.';
  }
  return error;
}
