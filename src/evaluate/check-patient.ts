import type { CaseFiles } from '../datasets/case.js';
import { loadPreparedPatient, type PreparedPatient } from '../datasets/prepared-patient.node.js';
import { backgroundOf } from '../imaging/foreground.js';
import { readVolume } from '../imaging/formats/volume-file.node.js';
import { completeRecipe, type PreparationRecipe } from '../imaging/recipe.js';
import { restoreVolume } from '../imaging/restore.js';
import { sliceGridOf } from '../imaging/slice-grid.js';
import type { Volume } from '../imaging/volume.js';
import { dice } from '../metrics/dice.js';
import { cycleError, type MapSummary, spreadOf, summariseMap } from '../metrics/disagreement.js';
import { rankCorrelation } from '../metrics/rank-correlation.js';
import { toUnit } from '../metrics/unit-value.js';
import { insideOf } from '../segmentation/region-figures.js';
import type { LoadedSegmenter } from '../segmentation/segmenter.node.js';
import { findTumour } from '../survival/find-tumour.js';
import {
  type TumourChange,
  tumourChange,
  tumourContrast,
  tumourThresholds,
} from '../survival/tumour-change.js';
import type { LoadedModel } from '../translate/loaded-model.js';

/** One patient and direction. */
export interface CheckedDirection {
  readonly patient: string;
  readonly source: string;
  readonly target: string;
  /** Whether the segmenter detects the tumour on the true target: only then the change says something. */
  readonly detected: boolean;
  /** What the segmenter finds on the true target alone, against what it finds on the translation alone. */
  readonly change: TumourChange;
  /** The same between the true source and the true target: what two scans differ by without any translation. */
  readonly betweenScans: TumourChange;
  /** Overlap with the given mask, of what is found on the true target; null without a mask. */
  readonly detectedDice: number | null;
  /** Of the given mask in the true target and in the translation, on [0, 1]; null without a mask. */
  readonly contrastBefore: number | null;
  readonly contrastAfter: number | null;
  /** Error of the translation in the brain, on [0, 1]. */
  readonly error: MapSummary;
  readonly cycle: MapSummary;
  /** Spearman's between cycle error and true error over the voxels of the brain. */
  readonly cycleRank: number;
  /** Of the translations from all sources of the patient; null where there is only one. */
  readonly spread: MapSummary | null;
  readonly spreadRank: number | null;
}

/** What a check needs, loaded. */
export interface CheckTools {
  readonly model: Pick<LoadedModel, 'metadata' | 'translateSlices'>;
  readonly segmenter: Pick<LoadedSegmenter, 'metadata' | 'segment'>;
}

/**
 * Checks every direction of a patient that has several modalities.
 *
 * @param onDirection called before each
 * @throws UtadError as loadPreparedPatient; bad-argument when the segmenter does not know a modality of the model's.
 */
export async function checkPatient(
  one: CaseFiles,
  { model, segmenter }: CheckTools,
  onDirection: (source: string, target: string) => void = () => undefined,
): Promise<CheckedDirection[]> {
  const { modalities } = model.metadata.model;
  const patient = await loadPreparedPatient(one, model.metadata.recipe, modalities);
  const forSegmenter = await loadPreparedPatient(one, segmenter.metadata.recipe, modalities);
  const present = modalities.filter((name) => patient.modalities[name] !== undefined);
  const grid = sliceGridOf(Object.values(forSegmenter.modalities)[0]!);
  const brainVolume = one.foreground === undefined ? undefined : await readVolume(one.foreground);

  const found: Record<string, Uint8Array> = {};
  for (const name of present) {
    const [probability] = await segmenter.segment({ [name]: forSegmenter.modalities[name]!.slices });
    found[name] = insideOf(probability!);
  }
  const translated = await translateAll(patient, present, model, onDirection);
  const results: CheckedDirection[] = [];
  for (const target of present) {
    const truth = patient.modalities[target]!;
    const sources = present.filter((name) => name !== target);
    const spread =
      sources.length < 2
        ? null
        : spreadOf(
            sources.map((source) => translated[source]![target]!),
            truth.brain,
          );
    for (const source of sources) {
      const slices = translated[source]![target]!;
      const from = patient.modalities[source]!;
      const brain = truth.brain.map((inside, i) => inside & from.brain[i]!);
      const back = await model.translateSlices(
        slices,
        modalities.indexOf(target),
        modalities.indexOf(source),
      );
      const [error, cycle] = [cycleError(truth.slices, slices, brain), cycleError(from.slices, back, brain)];
      const inBrain = (map: Float32Array): Float32Array => map.filter((_, i) => brain[i]);
      const errors = inBrain(error);
      const volume = restored(slices, from.record, model.metadata.recipe, target);
      const like = forSegmenter.modalities[source]!.record;
      const after = await findTumour(volume, target, segmenter, {
        like,
        where: `${one.id}, ${target} from ${source}`,
        ...(brainVolume ? { brain: brainVolume } : {}),
      });
      // On the network's own scale: scaled between its own percentiles, a faint tumour would look bright again.
      const contrast = (image: Float32Array): number | null =>
        patient.tumour === undefined
          ? null
          : tumourContrast(image.map(toUnit), patient.tumour, brain, sliceGridOf(truth));
      const change = tumourChange(found[target]!, after.mask, grid);
      const detectedDice =
        forSegmenter.tumour === undefined ? null : dice(found[target]!, forSegmenter.tumour);
      results.push({
        patient: one.id,
        source,
        target,
        detected:
          change.wasDetected && (detectedDice === null || detectedDice >= tumourThresholds.detectedDice),
        change,
        betweenScans: tumourChange(found[target]!, found[source]!, grid),
        detectedDice,
        contrastBefore: contrast(truth.slices),
        contrastAfter: contrast(slices),
        error: summariseMap(error, brain),
        cycle: summariseMap(cycle, brain),
        cycleRank: rankCorrelation(inBrain(cycle), errors),
        spread: spread === null ? null : summariseMap(spread, brain),
        spreadRank: spread === null ? null : rankCorrelation(inBrain(spread), errors),
      });
    }
  }
  return results;
}

/** `translated[source][target]`, slices in [−1, 1], background −1 outside the source's brain. */
async function translateAll(
  patient: PreparedPatient,
  present: readonly string[],
  model: CheckTools['model'],
  onDirection: (source: string, target: string) => void,
): Promise<Record<string, Record<string, Float32Array>>> {
  const { modalities } = model.metadata.model;
  const translated: Record<string, Record<string, Float32Array>> = {};
  for (const source of present) {
    const { slices, brain } = patient.modalities[source]!;
    const row: Record<string, Float32Array> = {};
    for (const target of present) {
      if (target === source) continue;
      onDirection(source, target);
      const answer = await model.translateSlices(
        slices,
        modalities.indexOf(source),
        modalities.indexOf(target),
      );
      row[target] = answer.map((value, i) => (brain[i] ? Math.min(1, Math.max(-1, value)) : -1));
    }
    translated[source] = row;
  }
  return translated;
}

/** A translation on the patient's own grid, as `utad translate` would write it. */
function restored(
  slices: Float32Array,
  record: Parameters<typeof restoreVolume>[1],
  recipe: PreparationRecipe,
  target: string,
): Volume {
  const background = backgroundOf(completeRecipe(recipe, target).foreground);
  // Any range will do: a segmenter's own preparation scales between percentiles. Above 0, which is background.
  return restoreVolume(slices, record, { low: background + 100, high: background + 1100 }, background);
}
