import type { PreparedVolume } from '../../imaging/prepare.js';
import type { PreparationRecord } from '../../imaging/record.js';
import { restoreVolume } from '../../imaging/restore.js';
import type { Volume } from '../../imaging/volume.js';
import { cycleError, type MapSummary, spreadOf, summariseMap } from '../../metrics/disagreement.js';
import type { LoadedSegmenter } from '../../segmentation/segmenter.node.js';
import type { SegmenterMetadata } from '../../segmentation/segmenter-metadata.js';
import { findTumour } from '../../survival/find-tumour.js';
import { type TumourChange, tumourChange, tumourThresholds } from '../../survival/tumour-change.js';
import type { LoadedModel } from '../../translate/loaded-model.js';
import { modalityIndex } from '../../translate/translate-volume.js';

/** A translation to check where no truth exists. */
export interface TranslationToCheck {
  readonly model: Pick<LoadedModel, 'metadata' | 'translateSlices'>;
  readonly source: string;
  readonly target: string;
  /** The source volume, as it was read and as the network saw it. */
  readonly volume: Volume;
  readonly prepared: PreparedVolume;
  /** Its translation as the network's slices, [K,S,S], and as the volume that was restored from them. */
  readonly slices: Float32Array;
  readonly synthetic: Volume;
  /** The patient's other scans that can be translated into the target, on the same slices. */
  readonly others: Readonly<Record<string, PreparedVolume>>;
  readonly segmenter?: Pick<LoadedSegmenter, 'metadata' | 'segment'>;
  /** A brain mask, for volumes that are not cut out. */
  readonly brain?: Volume;
}

/** A map on the source's grid and what is in it, in the unit of the target's intensities. */
export interface DisagreementMap extends MapSummary {
  readonly map: Volume;
}

/** What can be said of a translation without its truth. */
export interface TranslationCheck {
  /** How far the translation, translated back, is from its source. */
  readonly cycleError: DisagreementMap;
  /** How far the translations from each source are apart; null where there is only one. */
  readonly spread: (DisagreementMap & { readonly sources: readonly string[] }) | null;
  /** What the segmenter finds on the source alone, against what it finds on the translation alone. */
  readonly tumour: TumourChange | null;
  /** Why that is no evidence: modalities on which the segmenter alone is known to miss tumours. */
  readonly unsure: readonly string[];
}

/**
 * Checks a translation against itself: there and back, from other sources, and by what a segmenter finds.
 *
 * Both maps are computed on the [0, 1] scale of the slices and stretched to the range that the model gives the target
 * back in, so that they can be read against the translation.
 *
 * @throws UtadError as `translateSlices`, `prepareVolume` and `segmentSlices`.
 */
export async function checkTranslation(task: TranslationToCheck): Promise<TranslationCheck> {
  const { model, source, target, prepared, slices, others } = task;
  const { modalities } = model.metadata.model;
  const { low, high } = model.metadata.valueRanges[target]!;
  const [from, to] = [source, target].map((name) => modalityIndex(modalities, name, 'modality')) as [
    number,
    number,
  ];
  const inBrain = slices.map((value, i) => (prepared.brain[i] ? value : -1));
  const back = await model.translateSlices(inBrain, to, from);
  const mapOf = (unit: Float32Array): DisagreementMap =>
    stretched(unit, prepared.brain, prepared.record, high - low);

  const translations = [slices];
  for (const [name, other] of Object.entries(others))
    translations.push(await model.translateSlices(other.slices, modalities.indexOf(name), to));
  const sources = [source, ...Object.keys(others)];
  return {
    cycleError: mapOf(cycleError(prepared.slices, back, prepared.brain)),
    spread: translations.length < 2 ? null : { ...mapOf(spreadOf(translations, prepared.brain)), sources },
    tumour: task.segmenter === undefined ? null : await tumourOf(task, task.segmenter),
    unsure: [source, target].filter((name) => isBlindOn(name, task.segmenter?.metadata)),
  };
}

function stretched(
  unit: Float32Array,
  brain: Uint8Array,
  record: PreparationRecord,
  range: number,
): DisagreementMap {
  const { mean, percentile95 } = summariseMap(unit, brain);
  const map = restoreVolume(
    unit.map((value) => 2 * value - 1),
    record,
    { low: 0, high: range },
    0,
  );
  return { map, mean: range * mean, percentile95: range * percentile95 };
}

/** Whether the segmenter's own validation says that it misses tumours on a modality alone. */
function isBlindOn(modality: string, metadata: SegmenterMetadata | undefined): boolean {
  const dice = metadata?.training.alone?.[modality]?.[metadata.model.regions[0]!];
  return dice !== undefined && dice < tumourThresholds.detectedDice;
}

async function tumourOf(
  { volume, synthetic, source, target, brain }: TranslationToCheck,
  segmenter: NonNullable<TranslationToCheck['segmenter']>,
): Promise<TumourChange> {
  const given = brain ? { brain } : {};
  const before = await findTumour(volume, source, segmenter, given);
  const after = await findTumour(synthetic, target, segmenter, { ...given, like: before.prepared.record });
  return tumourChange(before.mask, after.mask, before.grid);
}
