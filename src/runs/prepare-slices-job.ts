import { throwIfAborted } from '../base/abort.js';
import { attempt } from '../jobs/attempt.js';
import type { JobRunner } from '../jobs/job.js';
import { prepareSliceStore } from '../slices/slice-store.node.js';
import { assignmentsOf, casesOf, recipeOf } from './run-data.js';
import type { PlannedRecord } from './train-run-job.js';

/** The work on the training slices of a run, or of all runs that learn from the same ones. */
export interface PrepareSlicesRun {
  readonly kind: 'prepare-slices';
  readonly record: PlannedRecord;
  readonly cache: string;
}

/** What came of it. */
export interface PreparedSlices {
  readonly slices: number;
  /** What a person should know, as sentences; see `TrainRunResult`. */
  readonly notices?: readonly string[];
}

/** Prepares slices; those that are there already are only looked at. */
export function prepareSlicesRunner(): JobRunner<PrepareSlicesRun, PreparedSlices> {
  return {
    run: ({ id, run: { record, cache } }, { signal, onProgress }) =>
      attempt(id, signal, async () => {
        const { configuration } = record;
        const assignments = assignmentsOf(record, await casesOf(record));
        const notices: string[] = [];
        const store = await prepareSliceStore(cache, assignments, recipeOf(configuration), {
          modalities: configuration.model.modalities,
          minimumBrainFraction: configuration.data.minimumBrainFraction,
          contextSlices: configuration.model.contextSlices ?? 0,
          onNotice: (text) => notices.push(text),
          onProgress: (done, total) => {
            throwIfAborted(signal, 'preparing slices');
            onProgress(done, total);
          },
        });
        const { count } = store;
        store.close();
        return { slices: count, notices };
      }),
    close: async () => undefined,
  };
}
