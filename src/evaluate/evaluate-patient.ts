import { fail } from '../base/errors.js';
import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import type { PatientScores } from './evaluation-report.js';
import type { FeatureExtractor } from './feature-extractor.js';
import { type FusionMoments, fusionMoments, sourceSets } from './fusion-moments.js';
import type { AnswerName } from './measures.js';
import {
  type MadeSlices,
  type PatientFeatures,
  patientFeatures,
  spreadPositions,
} from './patient-features.js';
import { type PatientPictures, takePictures } from './patient-pictures.js';
import { type PatientSlices, patientSlices, toUnit } from './patient-slices.js';
import { createScorer, type RegionScores } from './score.js';
import { maskGridOf, type Segmenter, segmentationScores } from './tumour-agreement.js';

/**
 * Translates [n, S, S] slices on [−1, 1] of one modality into another; indices into the modalities. What is given besides is
 * for those that may know it: the patient, the slices' tumour, [n, S, S], where there is a mask, and their places in the
 * patient's volumes.
 */
export type TranslateJudged = (
  slices: Float32Array,
  sourceIndex: number,
  targetIndex: number,
  patient: PreparedPatient,
  tumour: Uint8Array | undefined,
  places: readonly number[],
) => Promise<Float32Array>;

/** How patients are judged. */
export interface PatientTask {
  /** Names in the network's order. */
  readonly modalities: readonly string[];
  readonly translate: TranslateJudged;
  /** Which directions are judged; all of them when left out. */
  readonly judges?: (source: string, target: string) => boolean;
  /** Modality name → quantile table of the training cases on [0, 1]; without it nothing is matched. */
  readonly trainingQuantiles?: Readonly<Record<string, readonly number[]>>;
  /** Judge every n-th slice of those with enough brain. */
  readonly every: number;
  /** Width of the ring around the tumour, millimetres. */
  readonly ringWidthMm: number;
  /** Whether SSIM with the uniform window is wanted too. */
  readonly uniform?: boolean;
  readonly extractor?: FeatureExtractor;
  /** The most slices of a patient that features are taken of. */
  readonly featureSlices?: number;
  readonly segmenter?: Segmenter;
  /** Whether the errors that fusion weights are learnt from are wanted. */
  readonly learnFusion?: boolean;
  /** Called after each direction. */
  readonly onDirection?: (source: string, target: string) => void;
}

/** Scores of one slice. */
export interface SliceScores extends RegionScores {
  readonly patient: string;
  readonly source: string;
  readonly target: string;
  readonly answer: AnswerName;
  /** Its index in the volume. */
  readonly slice: number;
}

/** All that is known of one patient. */
export interface PatientEvaluation {
  readonly rows: readonly PatientScores[];
  readonly slices: readonly SliceScores[];
  readonly pictures: PatientPictures;
  /** S. */
  readonly side: number;
  readonly features?: PatientFeatures;
  readonly fusion?: readonly FusionMoments[];
}

/**
 * Translates one patient in every direction (never a modality into itself) and measures the result, the copied
 * source and the histogram-matched source against the truth, in the brain, the tumour and the ring around it.
 *
 * @throws UtadError bad-value when no slice has enough brain, bad-shape when `translate` answers another number of
 * values.
 */
export async function evaluatePatient(
  patient: PreparedPatient,
  task: PatientTask,
): Promise<PatientEvaluation> {
  const { modalities, every, ringWidthMm, uniform = false, trainingQuantiles, extractor } = task;
  const cut = patientSlices(patient, modalities, every, ringWidthMm);
  const score = createScorer(patient.side, cut.regions, { uniform });
  const camera = takePictures(patient.id, patient.side, cut);
  const segmentation = await startSegmentation(patient, task.segmenter);
  const positions = extractor
    ? spreadPositions(cut.chosen.judged.length, task.featureSlices ?? cut.chosen.judged.length)
    : [];
  const rows: PatientScores[] = [];
  const slices: SliceScores[] = [];
  const made: MadeSlices[] = [];
  const ofTarget = new Map<string, Record<string, Float32Array>>();
  for (const source of cut.present) {
    const match = trainingQuantiles && cut.match(source);
    for (const target of cut.present) {
      if (target === source || task.judges?.(source, target) === false) continue;
      const { translation, whole } = await translateDirection(patient, task, cut, source, target);
      const table = trainingQuantiles?.[target];
      const matched = match && table ? match(table) : null;
      const truth = cut.real[target]!;
      const record = (answer: AnswerName, image: Float32Array): RegionScores => {
        const { volume, slices: each } = score(image, truth);
        each.forEach((scores, i) => {
          if (scores === null) return;
          slices.push({
            patient: patient.id,
            source,
            target,
            answer,
            slice: cut.chosen.judged[i]!,
            ...scores,
          });
        });
        return volume;
      };
      rows.push({
        patient: patient.id,
        source,
        target,
        slices: cut.chosen.judged.length,
        tumourPixels: cut.tumourPixels,
        ...record('translation', translation),
        copy: record('copy', cut.real[source]!),
        matched: matched && record('matched', matched),
        segmentation: whole === undefined ? null : ((await segmentation?.judge(target, whole)) ?? null),
      });
      camera.take(source, target, translation);
      if (extractor) made.push({ source, target, translation, matched });
      if (task.learnFusion) ofTarget.set(target, { ...ofTarget.get(target), [source]: translation });
      task.onDirection?.(source, target);
    }
  }
  return {
    rows,
    slices,
    pictures: camera.pictures(),
    side: patient.side,
    ...(extractor
      ? { features: await patientFeatures(extractor, cut.real, made, patient.side, positions) }
      : {}),
    ...(task.learnFusion ? { fusion: momentsOf(ofTarget, cut) } : {}),
  };
}

/** The errors of every target's translations, for every set of its sources. */
function momentsOf(
  ofTarget: ReadonlyMap<string, Readonly<Record<string, Float32Array>>>,
  { real, regions }: PatientSlices,
): readonly FusionMoments[] {
  return [...ofTarget].flatMap(([target, made]) =>
    sourceSets(Object.keys(made)).map((sources) => {
      const images = sources.map((name) => made[name]!);
      return fusionMoments(target, sources, images, real[target]!, regions.brain);
    }),
  );
}

/** The judged slices of a translation on [0, 1], without anything outside the source's brain. */
export async function translateJudged(
  patient: PreparedPatient,
  task: PatientTask,
  cut: PatientSlices,
  source: string,
  target: string,
): Promise<Float32Array> {
  const { segmenter: _, ...rest } = task;
  return (await translateDirection(patient, rest, cut, source, target)).translation;
}

/** The judged slices of a translation on [0, 1]; with a segmenter the whole volume on [−1, 1] as well. */
async function translateDirection(
  patient: PreparedPatient,
  task: PatientTask,
  cut: PatientSlices,
  source: string,
  target: string,
): Promise<{ readonly translation: Float32Array; readonly whole?: Float32Array }> {
  const { slices, brain } = patient.modalities[source]!;
  const [from, to] = [task.modalities.indexOf(source), task.modalities.indexOf(target)];
  const given = task.segmenter ? slices : cut.judged(slices);
  const inside = task.segmenter ? brain : cut.brain[source]!;
  const tumour = patient.tumour && (task.segmenter ? patient.tumour : cut.judged(patient.tumour));
  const places = task.segmenter ? Array.from({ length: patient.count }, (_, k) => k) : cut.chosen.judged;
  const answer = await task.translate(given, from, to, patient, tumour, places);
  if (answer.length !== given.length) {
    fail('bad-shape', { where: 'translation', expected: `${given.length} values`, got: `${answer.length}` });
  }
  // As in the restored volume: nothing outside the source's brain, clamped inside.
  const unit = answer.map((value, i) => (inside[i] ? toUnit(value) : 0));
  return task.segmenter
    ? { translation: cut.judged(unit), whole: unit.map((value) => 2 * value - 1) }
    : { translation: unit };
}

/** Judges what a segmentation network finds; nothing without one or without a mask to compare with. */
async function startSegmentation(patient: PreparedPatient, segmenter: Segmenter | undefined) {
  const mask = patient.tumour;
  if (!segmenter || !mask) return undefined;
  const grid = maskGridOf(patient);
  const real = Object.fromEntries(
    Object.entries(patient.modalities).map(([name, { slices }]) => [name, slices]),
  );
  const onTruth = new Map<string, Uint8Array>();
  return {
    judge: async (target: string, whole: Float32Array) => {
      const truth = onTruth.get(target) ?? (await segmenter.segment(real, target, patient));
      onTruth.set(target, truth);
      const found = await segmenter.segment({ ...real, [target]: whole }, target, patient);
      return segmentationScores(truth, found, mask, grid);
    },
  };
}
