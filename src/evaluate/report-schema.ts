import { z } from 'zod';
import { fromNames } from '../base/from-names.js';
import type { SegmentationScores } from '../survival/segmentation-scores.js';
import { type BaselineName, baselineNames, baselines, type OfBaselines, ofDifferences } from './baselines.js';
import { type MeasureName, measureNames, measureOf } from './measures.js';
import { type RegionName, regionNames, regions } from './regions.js';
import type { RegionScores, Scores } from './score.js';

const scoresSchema = z
  .strictObject(
    fromNames(measureNames, (name) => {
      const { range, always, meaning } = measureOf(name);
      const least = range.min === undefined ? z.number() : z.number().min(range.min);
      const figure = range.max === undefined ? least : least.max(range.max);
      return (always ? figure : figure.nullable()).describe(meaning);
    }) as { [Name in MeasureName]: z.ZodType<Scores[Name]> },
  )
  .describe('how near a prediction is to the truth, on intensities of [0, 1]');

const regionScores = fromNames(regionNames, (name) => {
  const { always, note }: { always: boolean; note?: string } = regions[name];
  const scores = always ? scoresSchema : scoresSchema.nullable();
  return note === undefined ? scores : scores.describe(note);
}) as { [Name in RegionName]: z.ZodType<RegionScores[Name]> };
const answerSchema = z.strictObject(regionScores);

/** A field for every baseline; null where one is unknown. */
function ofBaselines<Value extends z.ZodType>(
  value: Value,
  descriptionOf?: (name: BaselineName) => string,
): { [Name in BaselineName]: z.ZodType<OfBaselines<z.infer<Value>>[Name]> } {
  return fromNames(baselineNames, (name) => {
    const own = baselines[name].always ? value : value.nullable();
    return descriptionOf === undefined ? own : own.describe(descriptionOf(name));
  }) as { [Name in BaselineName]: z.ZodType<OfBaselines<z.infer<Value>>[Name]> };
}

const comparison = {
  ...regionScores,
  ...ofBaselines(answerSchema, (name) => baselines[name].schema.scores),
};

const intervalSchema = z
  .strictObject({
    mean: z.number(),
    low: z.number(),
    high: z.number(),
    patients: z.int().min(1).describe('how many patients the mean is over; below 2 there is no interval'),
  })
  .describe('mean over patients with its 95 % bootstrap interval over patients');

const intervalsSchema = z.record(
  z.enum(regionNames as readonly [RegionName, ...RegionName[]]),
  z.record(z.enum(measureNames as readonly [MeasureName, ...MeasureName[]]), intervalSchema.nullable()),
);

const answerIntervals = {
  translation: intervalsSchema,
  ...(ofDifferences((name) => {
    const own = baselines[name].always ? intervalsSchema : intervalsSchema.nullable();
    return own.describe(baselines[name].schema.difference);
  }) as {
    [Name in BaselineName as `minus${Capitalize<Name>}`]: z.ZodType<OfBaselines<Intervals>[Name]>;
  }),
};

const agreementSchema = z
  .strictObject({
    dice: z.number().min(0).max(1),
    hausdorff95Mm: z.number().min(0),
    volumeMl: z.number().min(0).describe('of the first mask'),
    volumeDifferenceMl: z.number().describe('first less second mask'),
    centroidDistanceMm: z.number().min(0).nullable().describe('null where a mask is empty'),
  })
  .describe('how far two masks agree, over all slices of the volume');

const segmentationSchema: z.ZodType<SegmentationScores> = z
  .strictObject({
    onTranslation: agreementSchema.describe('found on the translation against the given mask'),
    onTruth: agreementSchema.describe('found on the real image against the given mask'),
    between: agreementSchema.describe('found on the translation against found on the real image'),
    regionDice: z
      .record(z.string(), z.number().min(0).max(1))
      .describe('Dice of each region found on the translation and on the real image'),
  })
  .describe('what a segmentation network finds');

const distancesSchema = z.strictObject({
  frechet: z.number().min(0).nullable().describe('Fréchet distance; null of fewer than two slices'),
  kernel: z.number().nullable().describe('kernel distance, unbiased, may be below 0'),
  perceptual: z
    .number()
    .min(0)
    .nullable()
    .describe('mean over slices of the distance of normalised features; null of a network without layers'),
});

const extractorSchema = z.strictObject({
  name: z.string(),
  sha256: z.string().describe('of the network’s file, or of the built-in extractor’s definition'),
  input: z.string().describe('how slices are given to it'),
  features: z.string().describe('what a slice’s features are'),
  layers: z.string().describe('what the perceptual distance compares'),
  dimensions: z.int().min(1),
  caution: z.string().describe('what these features do not know'),
});

const featuresSchema = z.strictObject({
  extractor: extractorSchema,
  directions: z.array(
    z.strictObject({
      source: z.string(),
      target: z.string(),
      slices: z.int().min(1).describe('how many slices each set has; the sets are equally large'),
      translation: distancesSchema,
      ...ofBaselines(distancesSchema),
    }),
  ),
});

/** One patient in one direction. */
export const patientSchema = z.strictObject({
  patient: z.string(),
  source: z.string().describe('several are joined by +'),
  target: z.string(),
  slices: z.int().min(1).describe('how many were evaluated'),
  tumourPixels: z.int().min(0).describe('in the evaluated slices'),
  ...comparison,
  segmentation: segmentationSchema.nullable(),
});

const fusedIntervals = {
  fused: intervalsSchema,
  minusBest: intervalsSchema.describe('paired: less the best single source'),
  minusMean: intervalsSchema.describe('paired: less the plain mean of the translations'),
};

const fusedSchema = z.strictObject({
  target: z.string(),
  sources: z.array(z.string()).min(2),
  patients: z.int().min(1),
  best: z.string().describe('the source with the highest mean SSIM in the brain over these patients'),
  ...regionScores,
  mean: answerSchema.describe('plain mean of the translations'),
  single: answerSchema.describe('translation from the best single source'),
  intervals: z.strictObject(fusedIntervals),
  spreadErrorCorrelation: z
    .number()
    .nullable()
    .describe(
      'Pearson, spread of the translations against the fused image’s absolute error, brain pixels; mean over patients',
    ),
});

/** The form of `report.json`; `docs/report.schema.json` is generated from it. */
export const evaluationReportSchema = z.strictObject({
  directions: z.array(
    z.strictObject({
      source: z.string(),
      target: z.string(),
      patients: z.int().min(1).describe('that have both modalities'),
      tumourPatients: z.int().min(0).describe('of them with tumour in the evaluated slices'),
      ...comparison,
      intervals: z.strictObject(answerIntervals),
      segmentation: segmentationSchema.nullable().describe('means over patients'),
    }),
  ),
  mean: z.strictObject(comparison).describe('over the directions, each counting the same'),
  overall: z
    .strictObject(answerIntervals)
    .describe('over patients, each with its own mean over its directions'),
  patientMeans: z
    .array(
      z.strictObject({
        patient: z.string(),
        directions: z.int().min(1),
        ...comparison,
      }),
    )
    .describe('each patient’s means over its directions'),
  patients: z.array(patientSchema).describe('one row a patient and direction'),
  baseChannels: featuresSchema.nullable(),
  fused: z.array(fusedSchema).nullable().describe('every target from every set of sources'),
  fusedPatients: z
    .array(
      z.strictObject({
        patient: z.string(),
        target: z.string(),
        sources: z.array(z.string()).min(2),
        ...regionScores,
        mean: answerSchema,
        spreadErrorCorrelation: z.number().nullable(),
      }),
    )
    .nullable()
    .describe('one row a patient, target and set of sources'),
  grid: z.enum(['native', 'model']).describe('on which voxels translations and truth are compared'),
  protocol: z.enum(['each', 'all-but-one']).describe('from what each modality is translated'),
  givenMask: z
    .boolean()
    .describe('the network was given the true mask of the tumour: its figures are an upper bound'),
  regression: z
    .strictObject({
      patients: z.array(z.string()).describe('whose pairs the local regression was fitted to'),
      missing: z.string().nullable().describe('why there is none'),
    })
    .describe('what is known of the local regression'),
  sliceSide: z
    .int()
    .min(1)
    .nullable()
    .describe('pixels along each side; null where patients have slices of their own'),
  every: z.int().min(1).describe('every how many-th slice was evaluated'),
  ringWidthMm: z.number().positive(),
  definitions: z.record(z.string(), z.string()),
});

/** What `report.json` holds around the figures. */
export const reportFileSchema = evaluationReportSchema.extend({
  format: z.literal(3),
  model: z.string(),
  modelSha256: z.string(),
  segmenter: z
    .strictObject({ file: z.string(), sha256: z.string() })
    .optional()
    .describe('the network that finds tumours, where one was asked'),
  codeVersion: z.string().describe('of the program that evaluated'),
  patientsChosen: z.string().describe('why these patients'),
  trainedOn: z.array(z.string()).describe('patients that the model has learnt from'),
  failed: z.array(z.strictObject({ patient: z.string(), message: z.string() })),
  warnings: z.array(z.string()),
});

/** JSON Schema of `report.json`. */
export function reportJsonSchema(): object {
  return z.toJSONSchema(reportFileSchema, { reused: 'ref' });
}

/** See {@link evaluationReportSchema}. */
export type EvaluationReport = z.infer<typeof evaluationReportSchema>;
/** All of `report.json`. */
export type ReportFile = z.infer<typeof reportFileSchema>;
/** Intervals of every region and measure. */
export type Intervals = z.infer<typeof intervalsSchema>;
/** Set and perceptual distances of one prediction. */
export type FeatureDistances = z.infer<typeof distancesSchema>;
/** Which network the features are of, and what it is given. */
export type ExtractorDescription = z.infer<typeof extractorSchema>;
/** Features of an evaluation. */
export type FeatureReport = z.infer<typeof featuresSchema>;
/** Translations from several sources, fused. */
export type FusedScores = z.infer<typeof fusedSchema>;
