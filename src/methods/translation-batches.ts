import { createRandom } from '../base/random.js';
import type { Node } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import { type Tensor, type Tensors, tensor } from '../engine/graph/tensor.js';
import { contextInput, contextInputName } from '../model/context-input.js';
import type { ModelConfiguration } from '../model/network-configuration.js';
import { anySourceInputs, modelNames } from '../model/translation-graph.js';
import { assembleBatch, type Batch, counterpartsIn } from '../slices/batch.js';
import { batchesPerEpoch, batchIndices } from '../slices/sampler.js';
import type { SliceStore } from '../slices/slice-store.js';
import type { Batches } from '../training/method.js';
import type { TrainingConfiguration } from '../training/training-configuration.js';

/** A batch as graph inputs. */
export interface BatchNodes {
  /** [N,1,S,S] in [−1, 1] */
  readonly image: Node;
  /** [N,M,S,S] in [−1, 1] and [N,M], as of the generator's input; there are none for a network of one source */
  readonly sources?: Node;
  readonly present?: Node;
  /** [N,2k,S,S] in [−1, 1], as of the generator's input; null where the network is given none */
  readonly contextSlices: Node | null;
  /** [N,1,S,S], 1 in the whole tumour */
  readonly mask: Node;
  /** one-hot [N,M] */
  readonly source: Node;
  /** one-hot [N,M] */
  readonly target: Node;
  /** [N,1,1,1], how much each slice counts in losses of the tumour; undefined where all of them do */
  readonly maskWeight: Node | undefined;
}

/**
 * The inputs `image`, `mask`, `source` and `target` of an update, `contextSlices` of a network that sees them, and
 * `maskWeight` where some slices have no mask.
 */
export function batchNodes({
  model,
  batchSize,
  someUnmasked = false,
}: {
  readonly model: ModelConfiguration;
  readonly batchSize: number;
  readonly someUnmasked?: boolean;
}): BatchNodes {
  const slices = [batchSize, 1, model.sliceSide, model.sliceSide];
  const oneHot = [batchSize, model.modalities.length];
  return {
    image: input('image', slices),
    ...(model.network === 'any-source' ? anySourceInputs(model, batchSize) : {}),
    contextSlices: contextInput(model, batchSize),
    mask: input('mask', slices),
    source: input('source', oneHot),
    target: input('target', oneHot),
    maskWeight: someUnmasked ? input('maskWeight', [batchSize, 1, 1, 1]) : undefined,
  };
}

/** Two modalities by index. */
export interface Pair {
  readonly first: number;
  readonly second: number;
}

/**
 * The batches of a translator, as inputs of its updates.
 *
 * @param name of the method, which seeds the mixing factors
 * @param pair modalities of those that learn a pair only: half of a batch is of each, the first one's first
 * @throws UtadError bad-argument when a batch is larger than the data.
 */
export function openTranslationBatches(
  store: SliceStore,
  configuration: TrainingConfiguration,
  name: string,
  pair?: Pair,
): Batches {
  const {
    seed,
    schedule: { batchSize },
    data: { targets, mirror, augmentation, tumourRepeats },
    experimental: { maskJitter },
    model: { modalities },
  } = configuration;
  const {
    model: { contextSlices = 0, sliceSide, network },
    data: {
      preparation: { fieldOfViewMm },
    },
  } = configuration;
  const places = store.entries.flatMap(({ hasTumour }, index) =>
    Array.from({ length: hasTumour ? tumourRepeats : 1 }, () => index),
  );
  const perEpoch = batchesPerEpoch(places.length, batchSize);
  const indices = indicesOf(store, places, configuration, pair);
  const counterpart = counterpartsIn(store);
  return {
    perEpoch,
    at: (iteration) => {
      const batch = assembleBatch(store, indices(iteration), {
        contextSlices,
        targets,
        mirror,
        augmentation,
        maskJitter,
        pixelMm: fieldOfViewMm / sliceSide,
        counterpart,
        anySource: network === 'any-source',
        seed,
        iteration,
        modalityCount: modalities.length,
      });
      return batchTensors(batch, configuration, name, iteration);
    },
  };
}

/** A batch as inputs of an update. @param name of the method */
export function batchTensors(
  batch: Batch,
  {
    seed,
    model: { sliceSide, modalities, network, contextSlices = 0 },
    schedule: { batchSize },
  }: TrainingConfiguration,
  name: string,
  iteration: number,
): Tensors {
  const slices = [batchSize, 1, sliceSide, sliceSide];
  const around = [batchSize, 2 * contextSlices, sliceSide, sliceSide];
  const oneHot = [batchSize, modalities.length];
  const random = createRandom(seed, name, 'mixing', iteration);
  const factors = (): Tensor =>
    tensor(Float32Array.from({ length: batchSize }, random.uniform), [batchSize, 1, 1, 1]);
  return {
    image: tensor(batch.image, slices),
    ...(network === 'any-source'
      ? {
          [modelNames.sources]: tensor(batch.sources, [batchSize, modalities.length, sliceSide, sliceSide]),
          [modelNames.present]: tensor(batch.present, oneHot),
        }
      : {}),
    ...(contextSlices > 0 ? { [contextInputName]: tensor(batch.contextSlices, around) } : {}),
    mask: tensor(batch.mask, slices),
    source: tensor(batch.source, oneHot),
    target: tensor(batch.target, oneHot),
    truth: tensor(batch.truth, slices),
    sampleWeight: tensor(batch.sampleWeight, [batchSize, 1, 1, 1]),
    maskWeight: tensor(batch.maskWeight, [batchSize, 1, 1, 1]),
    alpha: factors(),
    beta: factors(),
  };
}

/** The slices of an iteration's batch, by their places in the store. */
function indicesOf(
  { entries }: SliceStore,
  places: readonly number[],
  { seed, schedule: { batchSize } }: TrainingConfiguration,
  pair: Pair | undefined,
): (iteration: number) => readonly number[] {
  if (pair === undefined) {
    return (iteration) =>
      batchIndices({ seed, iteration, batchSize, count: places.length }).indices.map((i) => places[i]!);
  }
  const half = batchSize / 2;
  const [first, second] = [pair.first, pair.second].map((modality) =>
    places.filter((index) => entries[index]!.modality === modality),
  ) as [number[], number[]];
  for (const own of [first, second]) batchesPerEpoch(own.length, half);
  return (iteration) =>
    [first, second].flatMap((own) =>
      batchIndices({ seed, iteration, batchSize: half, count: own.length }).indices.map((i) => own[i]!),
    );
}
