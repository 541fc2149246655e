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

/** Prepares slices; those that are there already are only looked at. */
export function prepareSlicesRunner(): JobRunner<PrepareSlicesRun, { readonly slices: number }> {
  return {
    run: ({ id, run: { record, cache } }, { signal, onProgress }) =>
      attempt(id, signal, async () => {
        const { configuration } = record;
        const assignments = assignmentsOf(record, await casesOf(record));
        const store = await prepareSliceStore(cache, assignments, recipeOf(configuration), {
          modalities: configuration.model.modalities,
          minimumBrainFraction: configuration.data.minimumBrainFraction,
          contextSlices: configuration.model.contextSlices ?? 0,
          onProgress: (done, total) => {
            throwIfAborted(signal, 'preparing slices');
            onProgress(done, total);
          },
        });
        const { count } = store;
        store.close();
        return { slices: count };
      }),
    close: async () => undefined,
  };
}
