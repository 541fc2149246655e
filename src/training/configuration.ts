import { z } from 'zod';
import { type ModelConfiguration, publishedCriticLayers } from '../model/configuration.js';
import type { LossWeights, Stage } from './utad-losses.js';

const weight = z.number().min(0);

/** Everything that decides the course of a run, fixed at its start and stored with it. */
export const trainingConfigurationSchema = z.strictObject({
  modalities: z.array(z.string()).min(2),
  sliceSide: z.int().min(32),
  features: z.int().min(1),
  studentFeatures: z.int().min(1).optional().describe("features of the student; its teacher's when left out"),
  levels: z.int().min(1),
  targetConditioning: z
    .boolean()
    .default(false)
    .describe('each target has biases and last weights of its own'),
  brainPlane: z.boolean().default(false).describe('the network is told where the brain is'),
  sourceConditioning: z
    .boolean()
    .default(false)
    .describe(
      'the network is told its source; each pair of source and target has biases and last weights of its own',
    ),
  neighbours: z
    .int()
    .min(0)
    .optional()
    .describe('slices below and above each one that the image encoder sees beside it; none when left out'),
  criticFeatures: z.int().min(1),
  criticLayers: z.int().min(1).optional().describe('log2(sliceSide) − 1 when left out'),
  fieldOfViewMm: z.number().positive().describe('millimetres along each side of a slice'),
  lowPercentile: z.number().min(0).max(100),
  highPercentile: z.number().min(0).max(100),
  preparation: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('fields of the preparation recipe beside those above: sliceSpacingMm, centre, foreground, …'),
  minimumBrainFraction: z.number().min(0).max(1).describe('slices with less brain are left out'),
  paired: z.boolean().describe('a patient contributes all its modalities instead of one'),
  validationFraction: z.number().min(0).max(0.9),
  seed: z.int(),
  batchSize: z.int().min(2),
  epochs: z.number().positive().describe('passes over all training slices, in each stage'),
  iterations: z.int().min(1).optional().describe('critic updates in each stage; takes the place of epochs'),
  generatorEvery: z.int().min(1).describe('critic updates for each update of the generator'),
  learningRate: z.number().positive(),
  finalLearningRate: z.number().positive(),
  decayFrom: z.number().min(0).max(1).describe('share of the stage after which the rate falls linearly'),
  beta1: z.number().min(0).max(0.9999),
  beta2: z.number().min(0).max(0.999999),
  averageDecay: z
    .number()
    .min(0)
    .max(0.99999)
    .describe('share of the moving average of the generator that stays at each update; 0 for none'),
  targets: z
    .enum(['permuted', 'other', 'known'])
    .default('permuted')
    .describe(
      'what slices are to become: the modalities of the batch in a random order, any but their own, or any other that ' +
        'their patient has',
    ),
  mirror: z.boolean().describe('training slices are mirrored left to right at random'),
  augmentation: z
    .strictObject({
      rotationDegrees: z.number().min(0).max(180).default(0),
      zoom: z.number().min(0).max(1).default(0),
      shift: z.number().min(0).max(0.5).default(0),
      gamma: z.number().min(0).max(1).default(0),
      gain: z.number().min(0).max(1).default(0),
    })
    .prefault({})
    .describe('how far training slices are rotated, zoomed, shifted and changed in intensity at random'),
  maskJitter: z
    .strictObject({ boundaryMm: z.number().min(0).default(0), shiftMm: z.number().min(0).default(0) })
    .prefault({})
    .describe('how far the borders of training masks are moved, and the masks shifted, at random'),
  pixelWeights: z
    .strictObject({ brain: weight.default(1), tumour: weight.default(1) })
    .prefault({})
    .describe("how much pixels count in the errors rec, truth and sup; the background's count 1"),
  truthError: z
    .enum(['squared', 'absolute'])
    .default('squared')
    .describe('error of the term truth: squared seeks the mean of what is possible, absolute its median'),
  criticWeights: z
    .strictObject({ real: weight, fake: weight, cls: weight, gp: weight })
    .describe('without a weight the penalty gp is not computed'),
  /** What has no weight costs nothing: the term, the critic whose terms have none, the cycle's pass. */
  generatorWeights: z.strictObject({
    fake: weight,
    cls: weight,
    local_fake: weight,
    local_cls: weight,
    rec: weight,
    local: weight,
    truth: weight
      .default(0)
      .describe('error where the truth of a translation is known; see docs/reproduction.md'),
    sup: weight,
    feature: weight,
  }),
  checkpointEvery: z.int().min(1).describe('critic updates'),
  validateEvery: z.int().min(1).describe('critic updates; also writes a sample sheet'),
  validationSlices: z
    .int()
    .min(1)
    .describe('slices of the held-out patients that choose the best checkpoint'),
});

/** See {@link trainingConfigurationSchema}. */
export type TrainingConfiguration = Readonly<z.infer<typeof trainingConfigurationSchema>>;

/** The weights of all terms. */
export function weightsOf({ criticWeights, generatorWeights }: TrainingConfiguration): LossWeights {
  return { critic: criticWeights, generator: generatorWeights };
}

/** The part that fixes the shapes of the networks that a stage trains. */
export function modelOf(configuration: TrainingConfiguration, stage: Stage = 'teacher'): ModelConfiguration {
  const { modalities, sliceSide, levels, criticFeatures, studentFeatures } = configuration;
  const features = stage === 'student' ? (studentFeatures ?? configuration.features) : configuration.features;
  const { targetConditioning, brainPlane, sourceConditioning, neighbours } = configuration;
  return {
    modalities,
    sliceSide,
    features,
    levels,
    targetConditioning,
    brainPlane,
    sourceConditioning,
    neighbours,
    criticFeatures,
    criticLayers: configuration.criticLayers ?? publishedCriticLayers(sliceSide),
  };
}

/** Critic updates in each stage. */
export function iterationsOf(
  configuration: Pick<TrainingConfiguration, 'epochs' | 'iterations'>,
  batchesPerEpoch: number,
): number {
  return configuration.iterations ?? Math.max(1, Math.round(configuration.epochs * batchesPerEpoch));
}

/**
 * Learning rate of an iteration: constant, then falling linearly to the final rate.
 *
 * @param iteration from 0
 * @source UTAD-Net's published script: 1e-4, from epoch 50 of 100 linearly to 1e-6.
 */
export function learningRateAt(
  configuration: Pick<TrainingConfiguration, 'learningRate' | 'finalLearningRate' | 'decayFrom'>,
  iteration: number,
  iterations: number,
): number {
  const { learningRate, finalLearningRate, decayFrom } = configuration;
  const start = decayFrom * iterations;
  if (iteration < start) return learningRate;
  const share = Math.min(1, (iteration - start) / Math.max(1, iterations - 1 - start));
  return learningRate + (finalLearningRate - learningRate) * share;
}
