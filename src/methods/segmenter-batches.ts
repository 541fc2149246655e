import { createRandom } from '../base/random.js';
import { regionOf } from '../datasets/region-mask.js';
import { type Tensors, tensor } from '../engine/graph/tensor.js';
import { missingValue, type SegmenterConfiguration } from '../model/segmenter-network.js';
import { type Augmentation, drawVariation, noAugmentation, varySlice } from '../slices/augmentation.js';
import { batchesPerEpoch, batchIndices } from '../slices/sampler.js';
import type { SliceStore } from '../slices/slice-store.js';
import type { Batches } from '../training/method.js';
import { type SegmentationConfiguration, segmenterOf } from './segmenter-configuration.js';

/**
 * The batches of a segmenter, as inputs of its update.
 *
 * @throws UtadError bad-argument when a batch is larger than the data.
 */
export function openSegmenterBatches(store: SliceStore, configuration: SegmentationConfiguration): Batches {
  const {
    seed,
    schedule: { batchSize },
    data: { modalityDropout, mirror, augmentation },
  } = configuration;
  const model = segmenterOf(configuration);
  const rows = sliceRows(store, model.modalities.length);
  const drawn = { seed, modalityDropout, mirror, augmentation };
  return {
    perEpoch: batchesPerEpoch(rows.length, batchSize),
    at: (iteration) => {
      const { indices } = batchIndices({ seed, iteration, batchSize, count: rows.length });
      const chosen = indices.map((index) => rows[index]!);
      return segmentationBatch(store, chosen, model, { ...drawn, iteration });
    },
  };
}

/** One slice of a patient: where its modalities lie in the store; undefined for those that are not there. */
type SliceRow = readonly (number | undefined)[];

/** All slices of a store, each with its modalities, in the order in which they first occur. */
export function sliceRows({ entries }: Pick<SliceStore, 'entries'>, modalityCount: number): SliceRow[] {
  const rows = new Map<string, (number | undefined)[]>();
  entries.forEach(({ caseId, slice, modality }, index) => {
    const key = `${slice} ${caseId}`;
    const row = rows.get(key) ?? new Array<number | undefined>(modalityCount).fill(undefined);
    row[modality] = index;
    rows.set(key, row);
  });
  return [...rows.values()];
}

/** What decides a training batch besides its rows. */
interface SegmentationBatchOptions {
  readonly seed: number;
  readonly iteration: number;
  readonly modalityDropout: number;
  readonly mirror: boolean;
  readonly augmentation?: Augmentation;
}

/**
 * Reads a batch: `image` [N,M,S,S] in [−1, 1] and `truth` [N,R,S,S].
 *
 * Each modality of a slice is left out with the chance `modalityDropout`, as if the patient lacked it; where all
 * would be, one stays. Slices are mirrored and varied as `mirror` and `augmentation` say. All is drawn from (seed, iteration).
 *
 * @source Modality dropout: Neverova et al., ModDrop, TPAMI 2016.
 */
export function segmentationBatch(
  store: SliceStore,
  rows: readonly SliceRow[],
  { modalities, regions, sliceSide }: SegmenterConfiguration,
  { seed, iteration, modalityDropout, mirror, augmentation = noAugmentation }: SegmentationBatchOptions,
): Tensors {
  const pixels = sliceSide ** 2;
  const image = new Float32Array(rows.length * modalities.length * pixels).fill(missingValue);
  const truth = new Float32Array(rows.length * regions.length * pixels);
  const random = createRandom(seed, 'segmentation batch', iteration);
  rows.forEach((row, n) => {
    const geometry = drawVariation(random, augmentation, mirror && random.uniform() < 0.5);
    // One place for all modalities, intensities for each.
    const variations = modalities.map(() => {
      const { gamma, gain } = drawVariation(random, augmentation, false);
      return { ...geometry, gamma, gain };
    });
    const present = row.flatMap((index, modality) => (index === undefined ? [] : [{ index, modality }]));
    const stays = present.filter(() => random.uniform() >= modalityDropout);
    const spared = present[random.integer(present.length)]!;
    for (const { index, modality } of stays.length > 0 ? stays : [spared]) {
      const varied = varySlice(store.read(index), sliceSide, variations[modality]!);
      image.set(varied.image, (n * modalities.length + modality) * pixels);
    }
    const { mask } = varySlice(store.read(spared.index), sliceSide, { ...geometry, gamma: 1, gain: 1 });
    regions.forEach((_, r) => {
      truth.set(regionOf(mask, r), (n * regions.length + r) * pixels);
    });
  });
  return {
    image: tensor(image, [rows.length, modalities.length, sliceSide, sliceSide]),
    truth: tensor(truth, [rows.length, regions.length, sliceSide, sliceSide]),
  };
}
