import { progressWhenKnown, type StartProgress } from '../base/progress-display.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { quantilesOf } from '../methods/translator-model.js';
import { recipeOf, requireSameData } from '../runs/run-data.js';
import { assignModalities } from '../slices/assignment.js';
import { prepareSliceStore } from '../slices/slice-store.node.js';
import { evaluateMethod } from './compare-evaluate.js';
import type { MethodName } from './compare-methods.js';
import { type ComparisonPlan, comparePaths } from './compare-plan.js';
import { type FinishedMethod, finishedForm } from './compare-result.js';
import { type TrainedMethod, trainMethod } from './compare-train.js';
import { contextSlicesOf, type Training } from './compare-trainings.js';
import type { ExperimentFolder } from './experiment-folder.js';

/** A row of the comparison. */
interface ComparedRow {
  readonly method: MethodName;
  readonly trainings: readonly Training[];
}

/** Trains and evaluates all methods of a seed; what is finished is kept. */
export async function compareSeed(
  rows: readonly ComparedRow[],
  seed: number,
  { settings, pair, every, train: learning, test }: ComparisonPlan,
  experiment: ExperimentFolder,
  runtime: Runtime,
  startProgress: StartProgress,
): Promise<FinishedMethod[]> {
  const {
    model: { modalities },
    data: { minimumBrainFraction, paired },
  } = settings.base;
  const recipe = recipeOf(settings.base);
  const { folder: out, signal, onNotice, requireGoing } = experiment;
  const form = finishedForm({ every, pair: [modalities[pair.first]!, modalities[pair.second]!] });
  const nameOf = ({ trainings }: ComparedRow): string => `${trainings.at(-1)!.name}-${seed}`;
  const known: FinishedMethod[] = [];
  for (const row of rows) {
    const done = await experiment.find(nameOf(row), form);
    if (done !== null) known.push(done);
  }
  if (known.length === rows.length) return known;

  const assignment = assignModalities(learning, modalities, { paired, seed });
  const store = await prepareSliceStore(comparePaths.cache(out, seed), assignment, recipe, {
    modalities,
    minimumBrainFraction,
    contextSlices: contextSlicesOf(settings),
    onProgress: progressWhenKnown(startProgress, 'prepare'),
    onNotice,
  });
  try {
    await requireSameData(comparePaths.runs(out, seed), store.fingerprint);
    const place = {
      folderOf: ({ name }: Training) => comparePaths.run(out, seed, name),
      store,
      learnsFrom: { trainingCases: learning.map(({ id }) => id) },
      runtime,
      signal,
    };
    const quantiles = quantilesOf(store, modalities);
    const finish = async ({ method, trainings }: ComparedRow): Promise<FinishedMethod> => {
      let [iterations, seconds] = [0, 0];
      let trained: TrainedMethod | null = null;
      for (const training of trainings) {
        requireGoing();
        trained = await trainMethod(training, place);
        iterations += training.configuration.schedule.iterations!;
        seconds += trained.seconds;
      }
      const task = { test, recipe, modalities, quantiles, every, pair, runtime, requireGoing, startProgress };
      const { patients, pictures, parameters } = await evaluateMethod(method, trained!, task);
      return {
        result: { method, seed, device: runtime.device, iterations, seconds, parameters, patients },
        pictures,
      };
    };
    const all: FinishedMethod[] = [];
    for (const row of rows) all.push(await experiment.result(nameOf(row), form, () => finish(row)));
    return all;
  } finally {
    store.close();
  }
}
