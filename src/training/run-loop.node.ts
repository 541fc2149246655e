import { stop } from '../base/errors.js';
import type { Tensors } from '../engine/graph/tensor.js';
import { type HeldTensors, releaseUnused } from '../engine/runtime/runtime.js';
import { checkpointPath } from './checkpoint-files.node.js';
import type { EventFile } from './event-file.node.js';
import { appendJournal, type JournalLine, journalPath, rewindJournal } from './journal.node.js';
import { type LossValues, requireFinite } from './program-outputs.js';

/** What every state of a training has, wherever its tensors lie. */
export interface LoopState<Values extends HeldTensors = Tensors> {
  /** Updates done. */
  readonly iteration: number;
  readonly tensors: Values;
  /** The best validation so far; null before the first. */
  readonly best: object | null;
}

/** The programs of a training, loaded. */
export interface OpenTraining<State extends LoopState, Live extends LoopState<HeldTensors>, Score> {
  /** Brings a state to where the programs keep it. */
  readonly load: (state: State) => Promise<Live>;
  /** One iteration. The given state is unharmed; what it replaced on a device is for the loop to release. */
  readonly step: (
    live: Live,
  ) => Promise<{ readonly state: Live; readonly losses: LossValues; readonly learningRate: number }>;
  /** Brings a state back, to save or to use it. */
  readonly read: (live: Live) => Promise<State>;
  /** Judges a state on held-out patients; null where there are none. */
  readonly validate: ((state: State) => Promise<Validated<State, Score>>) | null;
  readonly close: () => Promise<void>;
}

/** A validation. */
export interface Validated<State, Score> {
  readonly score: Score;
  /** What the state has as its best from now on; null when an earlier one was better. */
  readonly best: State extends { readonly best: infer Best } ? Best : never;
  /** Called when the journal has the score, with whether it is the best so far. */
  readonly tell: (best: boolean) => Promise<void>;
}

/** A training as the loop sees it. */
export interface LoopPlan<State extends LoopState, Live extends LoopState<HeldTensors>, Score> {
  /** Who trains, for messages. */
  readonly label: string;
  /** Folder of journal and checkpoints. */
  readonly folder: string;
  readonly iterations: number;
  readonly checkpointEvery: number;
  readonly validateEvery: number;
  /** The latest checkpoint; null when there is none. */
  readonly latest: () => Promise<State | null>;
  /** The state before the first iteration; asked for only where there is no checkpoint. */
  readonly start: () => Promise<State>;
  readonly open: () => Promise<OpenTraining<State, Live, Score>>;
  readonly save: (state: State) => Promise<unknown>;
  readonly saveBest: (state: State) => Promise<void>;
  /** Opens a copy of the journal for TensorBoard; called when the journal ends at the begun state. */
  readonly openEvents?: () => Promise<EventFile<Score>>;
  readonly onBegin: (from: number) => void;
  readonly onStep: (iteration: number, losses: LossValues) => void;
  /** Stops after the iteration in progress; a checkpoint is written first. */
  readonly signal: AbortSignal;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/**
 * Trains from the latest checkpoint, or from the start, to the end.
 *
 * Every iteration is a function of the state, the configuration and its own number, so a training that was killed
 * and resumed goes through the same states as one that was not.
 *
 * @returns the last state
 * @throws UtadError interrupted when the signal asked to stop (a checkpoint was written); diverged when a loss or a
 * tensor is not finite, before it is saved; io when the disk is full, with earlier checkpoints untouched.
 */
export async function runLoop<State extends LoopState, Live extends LoopState<HeldTensors>, Score>(
  plan: LoopPlan<State, Live, Score>,
): Promise<State> {
  const { label, folder, iterations, now } = plan;
  const journal = journalPath(folder);

  // 1. Where to begin
  const begun = (await plan.latest()) ?? (await plan.start());
  await rewindJournal(journal, begun.iteration);
  plan.onBegin(begun.iteration);
  if (begun.iteration >= iterations) return begun;
  const events = await plan.openEvents?.();
  const record = async (line: JournalLine<Score>): Promise<void> => {
    await appendJournal(journal, line);
    await events?.append(line);
  };

  // 2. Programs
  const training = await plan.open();
  let saved = begun.iteration;
  let held: HeldTensors = begun.tensors;
  try {
    let live = await training.load(begun);
    held = live.tensors;
    while (true) {
      // 3. A step
      const began = now();
      const { state: next, losses, learningRate } = await training.step(live);
      releaseUnused(live.tensors, next.tensors);
      live = next;
      held = live.tensors;

      // 4. Its record
      const done = live.iteration;
      const seconds = (now() - began) / 1000;
      await record({ kind: 'step', iteration: done, learningRate, seconds, losses });
      plan.onStep(done, losses);

      // 5. Validation chooses the best
      const last = done === iterations;
      const validates = training.validate !== null && (last || done % plan.validateEvery === 0);
      const stops = plan.signal.aborted;
      const saves = last || stops || done % plan.checkpointEvery === 0;
      if (!validates && !saves) continue;
      let state = await training.read(live);
      requireFinite(`${label}, iteration ${done}`, state.tensors);
      if (validates && training.validate !== null) {
        const { score, best, tell } = await training.validate(state);
        await record({ kind: 'validation', iteration: done, score });
        if (best !== null) {
          [state, live] = [
            { ...state, best },
            { ...live, best },
          ];
          await plan.saveBest(state);
        }
        await tell(best !== null);
      }

      // 6. Checkpoint
      if (saves) {
        await plan.save(state);
        saved = done;
      }
      if (last) return state;
      if (stops) {
        stop({
          where: label,
          stopped: `after iteration ${done} of ${iterations}`,
          todo: 'the state is saved, continue with --resume',
        });
      }
    }
  } catch (error) {
    throw withLastCheckpoint(error, folder, saved);
  } finally {
    releaseUnused(held);
    await training.close();
  }
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
