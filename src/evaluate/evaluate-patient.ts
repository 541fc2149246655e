import { fail } from '../base/errors.js';
import { fromNames } from '../base/from-names.js';
import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import { toUnit } from '../metrics/unit-value.js';
import { findOnSlices, type TumourFinder } from '../survival/find-tumour.js';
import { type SegmentationScores, segmentationScores } from '../survival/segmentation-scores.js';
import {
  type BaselineName,
  baselineNames,
  baselines,
  type OfBaselines,
  type PredictionName,
  predictionNames,
} from './baselines.js';
import type { PatientScores } from './evaluation-report.js';
import type { FeatureExtractor } from './feature-extractor.js';
import { type FusionMoments, fusionMoments, sourceSets } from './fusion-moments.js';
import type { MeasureName } from './measures.js';
import {
  type DirectionPredictions,
  type OfPredictions,
  type PatientFeatures,
  patientFeatures,
  spreadPositions,
} from './patient-features.js';
import { collectPictures, type PatientPictures } from './patient-pictures.js';
import { type PatientSlices, patientGrid, patientSlices } from './patient-slices.js';
import { createScorer, type RegionScores } from './score.js';

/**
 * Translates [n, S, S] slices on [−1, 1] of one modality into another; indices into the modalities. What is given besides is
 * for those that may know it: the patient, the slices' tumour, [n, S, S], where there is a mask, and their places in the
 * patient's volumes.
 */
type TranslateSlices = (
  slices: Float32Array,
  sourceIndex: number,
  targetIndex: number,
  patient: PreparedPatient,
  tumour: Uint8Array | undefined,
  places: readonly number[],
) => Promise<Float32Array>;

/** How patients are evaluated. */
export interface PatientTask {
  /** Names in the network's order. */
  readonly modalities: readonly string[];
  readonly translate: TranslateSlices;
  /** Which directions are evaluated; all of them when left out. */
  readonly evaluates?: (source: string, target: string) => boolean;
  /** Modality name → quantile table of the training cases on [0, 1]; without it nothing is histogram-matched. */
  readonly trainingQuantiles?: Readonly<Record<string, readonly number[]>>;
  /** Evaluates every n-th slice of those with enough brain. */
  readonly every: number;
  /** Width of the ring around the tumour, millimetres. */
  readonly ringWidthMm: number;
  /** Measures that are computed only on request. */
  readonly extraMeasures?: readonly MeasureName[];
  readonly extractor?: FeatureExtractor;
  /** The most slices of a patient that features are taken of. */
  readonly featureSlices?: number;
  /** Finds tumours on translations and on the truth. */
  readonly segmenter?: TumourFinder;
  /** Whether the errors that fusion weights are learnt from are wanted. */
  readonly learnFusion?: boolean;
  /** Called after each direction. */
  readonly onDirection?: (source: string, target: string) => void;
}

/** Scores of one slice. */
export type SliceScores = RegionScores & {
  readonly patient: string;
  readonly source: string;
  readonly target: string;
  readonly prediction: PredictionName;
  /** Its index in the volume. */
  readonly slice: number;
};

/** All that is known of one patient. */
export interface PatientEvaluation {
  readonly rows: readonly PatientScores[];
  readonly slices: readonly SliceScores[];
  readonly pictures: PatientPictures;
  /** S. */
  readonly side: number;
  /** What is doubtful about its volumes, each beginning with the file. */
  readonly doubts?: readonly string[];
  readonly features?: PatientFeatures;
  readonly fusion?: readonly FusionMoments[];
}

/**
 * Translates one patient in every direction (never a modality into itself) and scores the result and the baselines
 * against the truth, in the brain, the tumour and the ring around it.
 *
 * @throws UtadError bad-argument for a slice step below 1, bad-value when no slice has enough brain, bad-shape when
 * `translate` answers another number of values.
 */
export async function evaluatePatient(
  patient: PreparedPatient,
  task: PatientTask,
): Promise<PatientEvaluation> {
  const { modalities, every, ringWidthMm, extraMeasures, trainingQuantiles, extractor } = task;
  const cut = patientSlices(patient, modalities, every, ringWidthMm);
  const { evaluated } = cut.chosen;
  const score = createScorer(patient.side, cut.masks, extraMeasures);
  const pictures = collectPictures(patient.id, patient.side, cut);
  const survival = tumourSurvival(patient, task.segmenter);
  const rows: PatientScores[] = [];
  const slices: SliceScores[] = [];
  const predictions: DirectionPredictions[] = [];
  const ofTarget = new Map<string, Record<string, Float32Array>>();
  for (const source of cut.present) {
    for (const target of cut.present) {
      if (target === source || task.evaluates?.(source, target) === false) continue;
      const about = { patient: patient.id, source, target };
      const { translation, whole } = await translateDirection(patient, task, cut, source, target);
      const targetQuantiles = trainingQuantiles?.[target];
      const input = { slices: cut, source, target, ...(targetQuantiles ? { targetQuantiles } : {}) };
      const images: OfPredictions<Float32Array> = fromNames(predictionNames, (name) =>
        name === 'translation' ? translation : baselines[name].predict(input),
      );
      const scoresOf = (prediction: PredictionName): RegionScores | null => {
        const image = images[prediction];
        if (image === null) return null;
        const { volume, slices: each } = score(image, cut.real[target]!);
        each.forEach((scores, i) => {
          if (scores !== null) slices.push({ ...about, prediction, slice: evaluated[i]!, ...scores });
        });
        return volume;
      };
      rows.push({
        ...about,
        slices: evaluated.length,
        tumourPixels: cut.tumourPixels,
        ...scoresOf('translation')!,
        ...(fromNames(baselineNames, (name: BaselineName) => scoresOf(name)) as OfBaselines<RegionScores>),
        segmentation: whole && survival ? await survival(target, whole) : null,
      });
      pictures.add(source, target, translation);
      if (extractor) predictions.push({ source, target, images });
      if (task.learnFusion) ofTarget.set(target, { ...ofTarget.get(target), [source]: translation });
      task.onDirection?.(source, target);
    }
  }
  const positions = spreadPositions(evaluated.length, task.featureSlices ?? evaluated.length);
  return {
    rows,
    slices,
    pictures: pictures.all(),
    side: patient.side,
    ...(extractor
      ? { features: await patientFeatures(extractor, cut.real, predictions, patient.side, positions) }
      : {}),
    ...(task.learnFusion ? { fusion: momentsOf(ofTarget, cut) } : {}),
  };
}

/** The errors of every target's translations, for every set of its sources. */
function momentsOf(
  ofTarget: ReadonlyMap<string, Readonly<Record<string, Float32Array>>>,
  { real, masks }: PatientSlices,
): readonly FusionMoments[] {
  return [...ofTarget].flatMap(([target, translations]) =>
    sourceSets(Object.keys(translations)).map((sources) => {
      const images = sources.map((name) => translations[name]!);
      return fusionMoments(target, sources, images, real[target]!, masks.brain);
    }),
  );
}

/** The evaluated slices of a translation on [0, 1], without anything outside the source's brain. */
export async function translateEvaluated(
  patient: PreparedPatient,
  task: PatientTask,
  cut: PatientSlices,
  source: string,
  target: string,
): Promise<Float32Array> {
  const { segmenter: _, ...rest } = task;
  return (await translateDirection(patient, rest, cut, source, target)).translation;
}

/** The evaluated slices of a translation on [0, 1]; with a segmenter the whole volume on [−1, 1] as well. */
async function translateDirection(
  patient: PreparedPatient,
  task: PatientTask,
  cut: PatientSlices,
  source: string,
  target: string,
): Promise<{ readonly translation: Float32Array; readonly whole?: Float32Array }> {
  const { slices, brain } = patient.modalities[source]!;
  const [from, to] = [task.modalities.indexOf(source), task.modalities.indexOf(target)];
  const given = task.segmenter ? slices : cut.evaluated(slices);
  const inside = task.segmenter ? brain : cut.brain[source]!;
  const tumour = patient.tumour && (task.segmenter ? patient.tumour : cut.evaluated(patient.tumour));
  const places = task.segmenter ? Array.from({ length: patient.count }, (_, k) => k) : cut.chosen.evaluated;
  const answer = await task.translate(given, from, to, patient, tumour, places);
  if (answer.length !== given.length) {
    fail('bad-shape', { where: 'translation', expected: `${given.length} values`, got: `${answer.length}` });
  }
  // As in the restored volume: nothing outside the source's brain, clamped inside.
  const unit = answer.map((value, i) => (inside[i] ? toUnit(value) : 0));
  return task.segmenter
    ? { translation: cut.evaluated(unit), whole: unit.map((value) => 2 * value - 1) }
    : { translation: unit };
}

/** Compares what a segmenter finds on a translation and on its truth; nothing without one, or without a mask. */
function tumourSurvival(patient: PreparedPatient, segmenter: TumourFinder | undefined) {
  const mask = patient.tumour;
  if (!segmenter || !mask) return undefined;
  const grid = patientGrid(patient);
  const onTruth = new Map<string, Uint8Array>();
  return async (target: string, whole: Float32Array): Promise<SegmentationScores> => {
    const truth =
      onTruth.get(target) ?? (await findOnSlices(segmenter, patient.modalities[target]!.slices, target));
    onTruth.set(target, truth);
    return segmentationScores(truth, await findOnSlices(segmenter, whole, target), mask, grid);
  };
}
