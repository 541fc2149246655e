import { type CaseFiles, patientOf } from '../datasets/case.js';
import type { ChosenCases } from '../datasets/choose-cases.node.js';
import type { SegmenterMetadata } from '../segmentation/segmenter-metadata.js';
import type { Fusion } from '../translate/fusion.js';
import type { ModelMetadata } from '../translate/model-metadata.js';
import { fitLeftOut } from './regression-patients.js';
import type { EvaluationReport } from './report-schema.js';

/** What to say of patients that the model has learnt from, or may have. */
export function trainingWarnings({ trainedOn }: ChosenCases<CaseFiles>, metadata: ModelMetadata): string[] {
  const ids = trainedOn.map(({ id }) => id).join(', ');
  return [
    ...(trainedOn.length > 0 ? [`The model has learnt from ${ids}: their figures flatter it.`] : []),
    ...(metadata.training === null
      ? [
          'The model file does not say what it was trained on: these patients may be among it, and no source is histogram-matched.',
        ]
      : []),
  ];
}

/** What to say of figures that are an upper bound, and of a baseline that is missing. */
export function worthWarnings({ givenMask, regression }: EvaluationReport): string[] {
  return [
    ...(givenMask
      ? [
          'Upper bound: the network was given the true mask of each tumour, which nobody has who lacks a scan.',
        ]
      : []),
    ...(regression.missing === null || regression.missing === fitLeftOut
      ? []
      : [`There is no local regression: ${regression.missing}.`]),
  ];
}

/** What to say of distances between too few slices. */
export function featureWarnings({ baseChannels: features }: EvaluationReport): string[] {
  if (!features) return [];
  const { dimensions } = features.extractor;
  const slices = Math.min(...features.directions.map((one) => one.slices));
  if (slices > dimensions) return [];
  return [
    `Fréchet distances of ${slices} slices with ${dimensions} features are far too high: compare them within a direction only.`,
  ];
}

/** What to say of patients that the fusion weights have learnt from. */
export function fusionWarnings(given: Fusion | undefined, cases: readonly CaseFiles[]): string[] {
  const taught = new Set((given?.patients ?? []).map(patientOf));
  const known = cases.filter(({ id }) => taught.has(patientOf(id))).map(({ id }) => id);
  if (known.length === 0) return [];
  return [`The fusion weights were learnt from ${known.join(', ')}: the fused figures flatter them.`];
}

/** What to say of patients that the translator or the segmenter of a check has learnt from. */
export function checkWarnings(
  { cases, trainedOn }: ChosenCases<CaseFiles>,
  { training }: SegmenterMetadata,
): string[] {
  const { trainingCases, modalityDropout } = training;
  const segmented = cases.filter(({ id }) => trainingCases.includes(id));
  const named = (some: readonly CaseFiles[]): string => some.map(({ id }) => id).join(', ');
  return [
    ...(trainedOn.length > 0
      ? [`The translator has learnt from ${named(trainedOn)}: their figures flatter it.`]
      : []),
    ...(segmented.length > 0
      ? [`The segmenter has learnt from ${named(segmented)}: it knows their tumours.`]
      : []),
    ...(modalityDropout === 0
      ? [
          'The segmenter always had all modalities in training, and is given one alone here: train it with modalityDropout.',
        ]
      : []),
  ];
}
