import { throwIfAborted } from '../base/abort.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { quantilesOf } from '../runs/export-model.js';
import { recipeOf, requireSameData } from '../runs/training-run.js';
import { assignModalities } from '../slices/assignment.js';
import { prepareSliceStore } from '../slices/slice-store.node.js';
import { progressOf } from '../terminal/progress.js';
import { judge } from './compare-judge.js';
import type { MethodName } from './compare-methods.js';
import { type ComparisonPlan, comparePaths } from './compare-plan.js';
import { type FinishedMethod, readFinished, writeFinished } from './compare-result.js';
import { secondsOf, train } from './compare-train.js';
import { neighboursOf, type Training } from './compare-trainings.js';

/** A row of the comparison. */
export interface ComparedRow {
  readonly method: MethodName;
  readonly trainings: readonly Training[];
}

/** Trains and judges all rows of a seed; what is finished is kept. */
export async function compareSeed(
  rows: readonly ComparedRow[],
  seed: number,
  { settings, pair, every, train: learning, test }: ComparisonPlan,
  out: string,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<FinishedMethod[]> {
  const { modalities, minimumBrainFraction, paired } = settings.base;
  const recipe = recipeOf(settings.base);
  const judging = { every, pair: [modalities[pair.first]!, modalities[pair.second]!] as const };
  const resultPath = ({ trainings }: ComparedRow): string =>
    comparePaths.result(out, seed, trainings.at(-1)!.name);
  const kept = new Map<ComparedRow, FinishedMethod>();
  for (const row of rows) {
    const done = await readFinished(resultPath(row), judging);
    if (done !== null) kept.set(row, done);
  }
  if (kept.size === rows.length) return rows.map((row) => kept.get(row)!);

  const assignment = assignModalities(learning, modalities, { paired, seed });
  const store = await prepareSliceStore(comparePaths.cache(out, seed), assignment, recipe, {
    modalities,
    minimumBrainFraction,
    neighbours: neighboursOf(settings),
    onProgress: progressOf('prepare'),
  });
  try {
    await requireSameData(comparePaths.runs(out, seed), store.fingerprint);
    const place = {
      folderOf: ({ name }: Training) => comparePaths.run(out, seed, name),
      store,
      runtime,
      signal,
    };
    const quantiles = quantilesOf(store, modalities);
    const requireGoing = (): void => throwIfAborted(signal, 'utad compare');
    const all: FinishedMethod[] = [];
    for (const row of rows) {
      const done = kept.get(row);
      if (done !== undefined) {
        all.push(done);
        continue;
      }
      const { method, trainings } = row;
      let [iterations, seconds] = [0, 0];
      let generator = {};
      for (const training of trainings) {
        requireGoing();
        generator = await train(training, place);
        iterations += training.configuration.iterations!;
        seconds += await secondsOf(training, place);
      }
      const task = { test, recipe, modalities, quantiles, every, pair, runtime, requireGoing };
      const { patients, pictures, parameters } = await judge(method, trainings.at(-1)!, generator, task);
      const finished = {
        result: { method, seed, device: runtime.device, iterations, seconds, parameters, patients },
        pictures,
      };
      await writeFinished(resultPath(row), finished, judging);
      all.push(finished);
    }
    return all;
  } finally {
    store.close();
  }
}
