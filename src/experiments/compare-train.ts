import { refuse } from '../base/errors.js';
import type { Tensors } from '../engine/graph/tensor.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import type { TranslatorMethod } from '../methods/translator.js';
import { withRun } from '../runs/run-owner.js';
import { trainingDisplay } from '../runs/training-display.js';
import type { SliceStore } from '../slices/slice-store.js';
import { latestCheckpoint } from '../training/checkpoint.node.js';
import { journalPath, readJournal, secondsIn } from '../training/journal.node.js';
import { train } from '../training/loop.node.js';
import { networkInUse } from '../training/state.js';
import type { Training } from './compare-trainings.js';

/** Where the trainings of one seed are done. */
interface TrainingPlace {
  readonly folderOf: (training: Training) => string;
  readonly store: SliceStore;
  /** Patients, by name. */
  readonly learnsFrom: { readonly trainingCases: readonly string[] };
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
}

/** A network that was trained. */
export interface TrainedMethod {
  readonly method: TranslatorMethod;
  /** The generator in use after its last update, tensors `G.*`. */
  readonly generator: Tensors;
  /** Of all updates, those of earlier calls included. */
  readonly seconds: number;
}

/**
 * Trains a network from where it stands, or does nothing where it is finished.
 *
 * @throws UtadError as the loop does; interrupted when the signal asked to stop; busy when another process trains it.
 */
export async function trainMethod(training: Training, place: TrainingPlace): Promise<TrainedMethod> {
  const { store, learnsFrom, runtime, signal, folderOf } = place;
  const { teacher } = training;
  const method = await training.method(teacher && (() => trainedTeacher(teacher, place)));
  const folder = folderOf(training);
  return withRun(folder, async (owner) => {
    const { tensors } = await train({
      method,
      folder,
      store,
      learnsFrom,
      held: null,
      runtime,
      observer: trainingDisplay({ label: training.name }),
      signal: AbortSignal.any([signal, owner.lost]),
      requireOwned: owner.require,
      now: () => performance.now(),
      startedAt: null,
    });
    const journal = await readJournal(journalPath(folder), method.validation.scoreSchema);
    return { method, generator: networkInUse('G', tensors), seconds: secondsIn(journal) };
  });
}

async function trainedTeacher(teacher: Training, { folderOf }: TrainingPlace): Promise<Tensors> {
  const folder = folderOf(teacher);
  const { onNotice } = trainingDisplay({ label: teacher.name });
  const state = await latestCheckpoint(folder, await teacher.method(null), onNotice);
  if (state !== null) return networkInUse('G', state.tensors);
  return refuse('not-found', { where: folder, problem: 'the teacher has no checkpoint here' });
}
