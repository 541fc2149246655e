import { fail } from '../base/errors.js';
import type { Graph } from '../engine/graph/graph.js';
import type { Tensors } from '../engine/graph/tensor.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { trainRival } from '../methods/train-rival.node.js';
import type { SliceStore } from '../slices/slice-store.js';
import { createProgress, type Progress, say } from '../terminal/progress.js';
import { latestCheckpoint } from '../training/checkpoint.node.js';
import { modelOf } from '../training/configuration.js';
import { journalPath, readJournal } from '../training/journal.node.js';
import { type StageObserver, trainStage } from '../training/loop.node.js';
import { initialNetwork } from '../training/networks.js';
import { generatorInUse, startStudent, startTeacher, type TrainingState } from '../training/state.js';
import { translationGraph } from '../training/translate-batches.js';
import type { StageTraining, Training } from './compare-trainings.js';

/** Where the trainings of one seed are done. */
export interface TrainingPlace {
  readonly folderOf: (training: Training) => string;
  readonly store: SliceStore;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
}

/**
 * Trains a network from where it stands, or does nothing where it is finished.
 *
 * @returns the generator in use after its last update, tensors `G.*`
 * @throws UtadError as the loop does; interrupted when the signal asked to stop.
 */
export async function train(training: Training, place: TrainingPlace): Promise<Tensors> {
  const { store, runtime, signal } = place;
  const { configuration } = training;
  const common = {
    configuration,
    folder: place.folderOf(training),
    store,
    runtime,
    observer: displayOf(training.name),
    signal,
    now: () => performance.now(),
    startedAt: null,
  };
  if (training.kind === 'rival') {
    const { rival, criticRate } = training;
    return generatorInUse((await trainRival({ ...common, rival, criticRate })).tensors);
  }
  const { stage } = training;
  const start = (): Promise<TrainingState> => startOf(training, place);
  return generatorInUse((await trainStage({ ...common, stage, validation: null, start })).tensors);
}

/** The network in use of a training, with its parameters as inputs. */
export function translationOf(training: Training, batchSize: number): Graph {
  if (training.kind === 'rival') return training.rival.translation(batchSize);
  const { stage, configuration } = training;
  return translationGraph(stage, modelOf(configuration, stage), batchSize);
}

/** Seconds of all updates of a training, those of earlier calls included. */
export async function secondsOf(training: Training, place: TrainingPlace): Promise<number> {
  const journal = await readJournal(journalPath(place.folderOf(training)));
  return journal.reduce((sum, line) => sum + (line.kind === 'step' ? line.seconds : 0), 0);
}

async function startOf(training: StageTraining, place: TrainingPlace): Promise<TrainingState> {
  const { stage, configuration, teacher } = training;
  const { seed, averageDecay } = configuration;
  const [model, average] = [modelOf(configuration, stage), averageDecay > 0];
  if (stage === 'teacher') return startTeacher(model, seed, average);
  const teacherModel = modelOf(teacher?.configuration ?? configuration);
  // A student without a teacher starts as one that was never trained would start it.
  const taught =
    teacher === null ? initialNetwork('G', teacherModel, seed) : await trainedTeacher(teacher, place);
  return startStudent(taught, model, seed, average, teacherModel);
}

async function trainedTeacher(teacher: StageTraining, { folderOf }: TrainingPlace): Promise<Tensors> {
  const folder = folderOf(teacher);
  const state = await latestCheckpoint(folder, teacher.configuration);
  if (state !== null) return generatorInUse(state.tensors);
  return fail('not-found', { where: folder, expected: 'the checkpoint of a teacher', got: 'none' });
}

function displayOf(name: string): StageObserver<string> {
  let bar: Progress | null = null;
  let generator = '';
  return {
    onBegin: (_, from, iterations) => {
      bar = createProgress(name, iterations, from);
      if (from > 0 && from < iterations) say(`${name}: continues after iteration ${from} of ${iterations}`);
    },
    onStep: (_, iteration, losses) => {
      const total = losses['generator.total'];
      if (total !== undefined) generator = `generator ${total.toFixed(2)}`;
      bar?.update(iteration, `critic ${losses['critic.total']!.toFixed(2)} ${generator}`);
    },
    onValidation: async () => undefined,
  };
}
