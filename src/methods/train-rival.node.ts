import { batchesPerEpoch, batchIndices } from '../slices/sampler.js';
import type { SliceStore } from '../slices/slice-store.js';
import { readCheckpoint } from '../training/checkpoint.node.js';
import { newestCheckpoint } from '../training/checkpoint-files.node.js';
import { type TranslatorPlan, trainTranslator } from '../training/loop.node.js';
import { compileUpdates } from '../training/step.js';
import type { Rival } from './rival.js';
import { type RivalState, requireRival, startRival } from './rival-state.js';

/** What the training of a rival needs from outside. */
export interface RivalPlan extends Omit<TranslatorPlan<string>, 'stage' | 'start'> {
  readonly rival: Rival;
  /** Learning rate of the critics by that of the generator. */
  readonly criticRate: number;
}

/**
 * Trains a rival from its latest checkpoint, or from its start, to its end; the last state counts.
 *
 * @throws UtadError as `runLoop`; bad-argument when a batch is larger than the data.
 */
export async function trainRival({ rival, criticRate, ...plan }: RivalPlan): Promise<RivalState> {
  const { configuration, store } = plan;
  const { seed, batchSize } = configuration;
  const average = configuration.averageDecay > 0;
  return trainTranslator<string>(
    { ...plan, stage: rival.name, start: async () => startRival(rival, seed, average) },
    {
      compile: async (runtime) => {
        const programs = await compileUpdates(runtime, rival.criticUpdate(), rival.generatorUpdate());
        return { ...programs, criticRate };
      },
      indices: indicesOf(rival, store, seed, batchSize),
      latest: (folder) =>
        newestCheckpoint(folder, async (path) => {
          const state = await readCheckpoint(path, [rival.name]);
          requireRival(path, rival, state, average);
          return state;
        }),
      openValidator: null,
    },
  );
}

/** A rival of a pair draws each half of a batch from the slices of one of its modalities. */
function indicesOf(
  { pair }: Rival,
  { entries, count }: SliceStore,
  seed: number,
  batchSize: number,
): (iteration: number) => readonly number[] {
  if (pair === undefined) return (iteration) => batchIndices({ seed, iteration, batchSize, count }).indices;
  const half = batchSize / 2;
  const [first, second] = [pair.first, pair.second].map((modality) =>
    entries.flatMap((entry, index) => (entry.modality === modality ? [index] : [])),
  ) as [number[], number[]];
  for (const own of [first, second]) batchesPerEpoch(own.length, half);
  return (iteration) =>
    [first, second].flatMap((own) =>
      batchIndices({ seed, iteration, batchSize: half, count: own.length }).indices.map((i) => own[i]!),
    );
}
