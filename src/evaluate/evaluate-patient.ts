import { fromNames } from '../base/from-names.js';
import { measuresAcrossSlices } from '../metrics/laplacian.js';
import { withBrightness } from '../metrics/linear-fit.js';
import {
  type BaselineName,
  baselineNames,
  baselines,
  type OfBaselines,
  type PredictionName,
  predictionNames,
  type RegressFrom,
} from './baselines.js';
import type { ComparedPatient } from './compared-patient.js';
import type { PatientScores } from './evaluation-report.js';
import type { FeatureExtractor } from './feature-extractor.js';
import { type FusionMoments, fusionMoments, sourceSets } from './fusion-moments.js';
import { type MeasureName, volumeMeasures } from './measures.js';
import {
  type DirectionPredictions,
  type OfPredictions,
  type PatientFeatures,
  patientFeatures,
  spreadPositions,
} from './patient-features.js';
import { collectPictures, type PatientPictures } from './patient-pictures.js';
import { type PatientSlices, patientSlices } from './patient-slices.js';
import {
  brainOfSources,
  type ProtocolName,
  type SourcesAndTarget,
  sourceName,
  type TranslateFrom,
  translationsOf,
} from './protocol.js';
import { createScorer, type RegionScores, type Scorer } from './score.js';
import { type SquareSlices, squareSlices } from './square-slices.js';
import type { SurvivalOf } from './tumour-survival.js';

/** How a patient is evaluated. */
export interface PatientTask {
  readonly translate: TranslateFrom;
  readonly protocol?: ProtocolName;
  /** Which translations are evaluated; all of them when left out. */
  readonly evaluates?: (translation: SourcesAndTarget) => boolean;
  /** Modality name → quantile table of the training cases on [0, 1]; without it nothing is histogram-matched. */
  readonly trainingQuantiles?: Readonly<Record<string, readonly number[]>>;
  /** Local regressions that were fitted to training patients. */
  readonly regress?: RegressFrom;
  /** Evaluates every n-th slice of those with enough brain. */
  readonly every: number;
  /** Width of the ring around the tumour, millimetres. */
  readonly ringWidthMm: number;
  /** Measures that are computed only on request. */
  readonly extraMeasures?: readonly MeasureName[];
  readonly extractor?: FeatureExtractor;
  /** The most slices of a patient that features are taken of. */
  readonly featureSlices?: number;
  /** Asked about every translation. */
  readonly survival?: SurvivalOf;
  /** Whether the errors that fusion weights are learnt from are wanted. */
  readonly learnFusion?: boolean;
  /** Called after each translation. */
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
  /** Rows and columns of its slices. */
  readonly shape: readonly [number, number];
  /** What is doubtful about its volumes, each beginning with the file. */
  readonly doubts?: readonly string[];
  readonly features?: PatientFeatures;
  readonly fusion?: readonly FusionMoments[];
}

/**
 * Translates one patient as the protocol says and scores the result and the baselines against the truth, in the brain, the
 * tumour and the ring around it.
 *
 * @throws UtadError bad-argument for a slice step below 1, bad-value when no slice has enough brain, and as `translate`.
 */
export async function evaluatePatient(
  patient: ComparedPatient,
  task: PatientTask,
): Promise<PatientEvaluation> {
  const { every, ringWidthMm, extraMeasures, trainingQuantiles, extractor, survival, regress } = task;
  const { grid } = patient;
  const cut = patientSlices(patient, every, ringWidthMm);
  const { evaluated } = cut.chosen;
  const score = scorerOf(patient, cut, extraMeasures);
  const places = slicesLookedAt(patient, cut, extraMeasures);
  const square = squareSlices(grid);
  const pictures = collectPictures(patient.id, square, cut);
  const rows: PatientScores[] = [];
  const slices: SliceScores[] = [];
  const predictions: DirectionPredictions[] = [];
  const ofTarget = new Map<string, Record<string, Float32Array>>();
  for (const one of translationsOf(cut.present, task.protocol ?? 'each')) {
    if (task.evaluates?.(one) === false) continue;
    const { sources, target } = one;
    const source = sourceName(sources);
    const about = { patient: patient.id, source, target };
    const truth = patient.modalities[target]!.unit;
    const translation = await task.translate(sources, target);
    const targetQuantiles = trainingQuantiles?.[target];
    const input = {
      ...{ patient, slices: cut, sources, target, places },
      ...(targetQuantiles ? { targetQuantiles } : {}),
      ...(regress ? { regress } : {}),
    };
    const features: Partial<Record<PredictionName, Float32Array | null>> = {};
    const scoresOf = (prediction: PredictionName, image: Float32Array | null): RegionScores | null => {
      features[prediction] = extractor && image ? square.of(cut.evaluated(image)) : null;
      if (image === null) return null;
      const { volume, slices: each, fit } = score(image, truth);
      each.forEach((scores, i) => {
        if (scores !== null) slices.push({ ...about, prediction, slice: evaluated[i]!, ...scores });
      });
      if (prediction === 'translation') {
        const shown = cut.evaluated(image);
        const inside = cut.evaluated(brainOfSources(patient, sources));
        // Background stays black, whatever the offset.
        const fitted = withBrightness(shown, fit).map((value, i) => (inside[i] ? value : 0));
        pictures.add(source, target, shown, fitted);
      }
      return volume;
    };
    const own = scoresOf('translation', translation)!;
    const others: Partial<Record<BaselineName, RegionScores | null>> = {};
    for (const name of baselineNames) others[name] = scoresOf(name, await baselines[name].predict(input));
    rows.push({
      ...about,
      slices: evaluated.length,
      tumourPixels: cut.tumourPixels,
      ...own,
      ...(others as OfBaselines<RegionScores>),
      segmentation: survival ? await survival(translation, one) : null,
    });
    if (extractor) {
      const images = fromNames(predictionNames, (name) => features[name] ?? null);
      predictions.push({ source, target, images: images satisfies OfPredictions<Float32Array> });
    }
    if (task.learnFusion)
      ofTarget.set(target, { ...ofTarget.get(target), [source]: cut.evaluated(translation) });
    task.onDirection?.(source, target);
  }
  return {
    rows,
    slices,
    pictures: pictures.all(),
    shape: [grid.rows, grid.columns],
    ...(extractor ? { features: await featuresOf(extractor, predictions, cut, square, task) } : {}),
    ...(task.learnFusion ? { fusion: momentsOf(ofTarget, cut) } : {}),
  };
}

/** The slices that scores depend on: all for measures of the volume, else the evaluated ones, and their neighbours where detail is measured across. */
function slicesLookedAt(
  { grid }: ComparedPatient,
  { chosen }: PatientSlices,
  extraMeasures: readonly MeasureName[] = [],
): readonly number[] {
  const all = Array.from({ length: grid.slices }, (_, k) => k);
  if (volumeMeasures.some((name) => extraMeasures.includes(name))) return all;
  const reach = measuresAcrossSlices(grid) ? 1 : 0;
  return all.filter((k) => chosen.evaluated.some((other) => Math.abs(other - k) <= reach));
}

/** Scores predictions of a patient's volumes in its evaluated slices. */
export function scorerOf(
  { grid }: ComparedPatient,
  { chosen, masks }: PatientSlices,
  extraMeasures: readonly MeasureName[] | undefined,
): Scorer {
  return createScorer({ grid, places: chosen.evaluated, masks, brain: chosen.everyBrain }, extraMeasures);
}

function featuresOf(
  extractor: FeatureExtractor,
  predictions: readonly DirectionPredictions[],
  cut: PatientSlices,
  square: SquareSlices,
  { featureSlices }: PatientTask,
): Promise<PatientFeatures> {
  const count = cut.chosen.evaluated.length;
  const positions = spreadPositions(count, featureSlices ?? count);
  const real = fromNames(cut.present, (name) => square.of(cut.real[name]!));
  return patientFeatures(extractor, real, predictions, square.side, positions);
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
