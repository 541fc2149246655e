import { backgroundOf } from '../imaging/foreground.js';
import { denormalise } from '../imaging/normalise.js';
import { fromAxial } from '../imaging/orientation.js';
import { type FoundRegions, regionsOnSlices, regionsOnVolume } from '../survival/find-regions.js';
import type { TumourFinder } from '../survival/find-tumour.js';
import { type SegmentationScores, segmentationScores } from '../survival/segmentation-scores.js';
import type { ComparedPatient } from './compared-patient.js';
import type { NativePatient } from './native-patient.js';
import { brainOfSources, type SourcesAndTarget } from './protocol.js';

/** Finds regions on an image of one modality, [K, rows, columns] on [0, 1], whose brain is given. */
type FindRegions = (unit: Float32Array, brain: Uint8Array, modality: string) => Promise<FoundRegions>;

/** What a segmenter finds on a translation, on [0, 1], against what it finds on the truth. */
export type SurvivalOf = (
  translation: Float32Array,
  from: SourcesAndTarget,
) => Promise<SegmentationScores | null>;

/** Compares what is found on translations of a patient and on their truths, each image alone; null for a patient without a mask. */
export function tumourSurvival({ modalities, tumour, grid }: ComparedPatient, find: FindRegions): SurvivalOf {
  const onTruth = new Map<string, FoundRegions>();
  return async (translation, { sources, target }) => {
    if (tumour === undefined) return null;
    const { unit, brain } = modalities[target]!;
    const truth = onTruth.get(target) ?? (await find(unit, brain, target));
    onTruth.set(target, truth);
    const found = await find(translation, brainOfSources({ modalities }, sources), target);
    return segmentationScores(truth, found, tumour, grid);
  };
}

/** Finds regions on slices of the network's own grid, which must be those of the segmenter. */
export function findOnModelGrid(segmenter: TumourFinder): FindRegions {
  return (unit, brain, modality) =>
    regionsOnSlices(
      segmenter,
      unit.map((value, i) => (brain[i] ? 2 * value - 1 : -1)),
      modality,
    );
}

/** What a volume for a segmenter holds: any range will do, since its own preparation scales between percentiles. */
const shownRange = { low: 100, high: 1100 };

/** Finds regions on volumes of the patient's own grid, prepared as the segmenter wants them. */
export function findNatively(segmenter: TumourFinder, { scans, compared }: NativePatient): FindRegions {
  return (unit, brain, modality) => {
    const scan = scans[modality]!;
    const { recipe, steps } = scan.prepared.record;
    const [{ order, affineVoxelToWorld, origin }] = steps;
    const background = backgroundOf(recipe.foreground);
    const range = { low: background + shownRange.low, high: background + shownRange.high };
    const volume = {
      data: fromAxial(denormalise(unit, brain, range, background), order),
      size: order.sourceSize,
      affineVoxelToWorld,
      origin,
    };
    return regionsOnVolume(segmenter, volume, modality, `${compared.id}, ${modality}`, scan.brain);
  };
}
