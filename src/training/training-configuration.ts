import { z } from 'zod';
import { preparationRecipeSchema } from '../imaging/recipe.js';
import {
  type ModelConfiguration,
  modelConfigurationSchema,
  publishedCriticLayers,
} from '../model/network-configuration.js';
import { augmentationSchema } from '../slices/augmentation.js';
import { targetsSchema } from '../slices/batch.js';
import { maskJitterSchema } from '../slices/mask-jitter.js';
import { criticLosses, generatorLosses, type LossWeights, type Stage, teacherWanted } from './utad-losses.js';

const weight = z.number().min(0);
const { modalities, sliceSide, levels, baseChannels, criticBaseChannels, criticLayers } =
  modelConfigurationSchema.shape;

const modelSchema = modelConfigurationSchema.extend({
  modalities: modalities.default(['t1', 't1ce', 't2', 'flair']),
  sliceSide: sliceSide.default(128),
  levels: levels.default(4),
  baseChannels: baseChannels.default(64),
  studentBaseChannels: z
    .int()
    .min(1)
    .optional()
    .describe("baseChannels of the student; its teacher's when left out"),
  criticBaseChannels: criticBaseChannels.default(64),
  criticLayers: criticLayers
    .optional()
    .describe('strided layers of the critics; log2(sliceSide) − 1 when left out'),
});

const {
  sliceSide: _,
  fieldOfViewMm,
  lowPercentile,
  highPercentile,
  ...recipe
} = preparationRecipeSchema.shape;

const dataSchema = z.strictObject({
  preparation: z
    .strictObject({
      fieldOfViewMm: fieldOfViewMm.default(256),
      lowPercentile: lowPercentile.default(0.5),
      highPercentile: highPercentile.default(99.5),
      ...recipe,
    })
    .prefault({}),
  minimumBrainFraction: z
    .number()
    .min(0)
    .max(1)
    .default(0.03)
    .describe('slices with a smaller share of brain are left out'),
  paired: z
    .boolean()
    .default(false)
    .describe('a training patient contributes all its modalities instead of one'),
  tumourRepeats: z
    .int()
    .min(1)
    .default(1)
    .describe('how often a slice with tumour is drawn for every time that another one is'),
  targets: targetsSchema.default('permuted'),
  mirror: z.boolean().default(false).describe('training slices are mirrored left to right at random'),
  augmentation: augmentationSchema.prefault({}),
});

/** A weight for each row of a table of losses, the published one where none is given. */
function weightsByTable<Name extends string>(
  rows: readonly { readonly name: Name; readonly meaning: string; readonly published: number }[],
) {
  const fields = rows.map(
    ({ name, meaning, published }) => [name, weight.default(published).describe(meaning)] as const,
  );
  return Object.fromEntries(fields) as Record<Name, (typeof fields)[number][1]>;
}

const lossesSchema = z.strictObject({
  critic: z.strictObject(weightsByTable(criticLosses)).prefault({}),
  generator: z.strictObject(weightsByTable(generatorLosses)).prefault({}),
  truthError: z
    .enum(['squared', 'absolute'])
    .default('squared')
    .describe('error of the term truth: squared seeks the mean of what is possible, absolute its median'),
  scaleShiftInvariance: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      "share of the term truth that forgives each slice's brightness: the error after the best scale (0.5 to 2) and shift",
    ),
  pixelWeights: z
    .strictObject({
      brain: weight
        .default(1)
        .describe('how much a pixel of the brain counts in rec, truth and sup; background counts 1'),
      tumour: weight.default(1).describe('how much a pixel of the tumour counts there'),
    })
    .prefault({}),
});

const optimiserSchema = z.strictObject({
  learningRate: z.number().positive().default(1e-4).describe("Adam's learning rate at the start"),
  warmUp: z
    .int()
    .min(0)
    .default(0)
    .describe('updates at the start over which the learning rate grows to its value'),
  finalLearningRate: z.number().positive().default(1e-6).describe('learning rate of the last update'),
  decayFrom: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('share of the updates after which the learning rate falls linearly'),
  beta1: z.number().min(0).max(0.9999).default(0.9).describe("Adam's decay of the first moment"),
  beta2: z.number().min(0).max(0.999999).default(0.999).describe("Adam's decay of the second moment"),
  averageDecay: z
    .number()
    .min(0)
    .max(0.99999)
    .default(0)
    .describe(
      'share of the moving average of the generator that stays at each update; the average is validated and used; 0 for none',
    ),
});

const scheduleSchema = z.strictObject({
  batchSize: z.int().min(2).default(8).describe('slices in a batch'),
  epochs: z.number().positive().default(100).describe('passes over all training slices, in each stage'),
  iterations: z.int().min(1).optional().describe('critic updates in each stage; takes the place of epochs'),
  generatorEvery: z.int().min(1).default(5).describe('critic updates for each update of the generator'),
  checkpointEvery: z.int().min(1).default(500).describe('critic updates between checkpoints'),
});

const validationSchema = z.strictObject({
  fraction: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.2)
    .describe('share of the patients that is held out, where the data set has no split of its own'),
  slices: z
    .int()
    .min(1)
    .default(64)
    .describe('slices of the held-out patients that choose the best checkpoint'),
  every: z
    .int()
    .min(1)
    .default(2000)
    .describe('critic updates between validations, each with a sample sheet'),
});

/**
 * Everything that decides the course of a run, fixed at its start and stored with it. Each field is declared here with its
 * meaning, its range and its default, which is the published setting.
 */
export const trainingConfigurationSchema = z.strictObject({
  seed: z.int().default(1).describe('seed of every random choice'),
  model: modelSchema.prefault({}),
  data: dataSchema.prefault({}),
  losses: lossesSchema.prefault({}),
  optimiser: optimiserSchema.prefault({}),
  schedule: scheduleSchema.prefault({}),
  validation: validationSchema.prefault({}),
  experimental: z.strictObject({ maskJitter: maskJitterSchema.prefault({}) }).prefault({}),
});

/** The sections, for configurations of other trainings that share fields. */
export const trainingSections = {
  data: dataSchema,
  optimiser: optimiserSchema,
  schedule: scheduleSchema,
  validation: validationSchema,
};

/** See {@link trainingConfigurationSchema}. */
export type TrainingConfiguration = Readonly<z.infer<typeof trainingConfigurationSchema>>;

/** The weights of all terms. */
export function weightsOf({ losses }: TrainingConfiguration): LossWeights {
  return { critic: losses.critic, generator: losses.generator };
}

/** The part that fixes the shapes of the networks that a stage trains. */
export function modelOf({ model }: TrainingConfiguration, stage: Stage = 'teacher'): ModelConfiguration {
  const { studentBaseChannels = model.baseChannels, ...shared } = model;
  return {
    ...shared,
    baseChannels: stage === 'student' ? studentBaseChannels : model.baseChannels,
    ...(model.network === 'any-source' && stage === 'teacher' ? { tumourMask: true } : {}),
    criticLayers: model.criticLayers ?? publishedCriticLayers(model.sliceSide),
  };
}

/**
 * Whether a student begins with a teacher. A network of any sources does without one where no loss wants it: there is nothing
 * that it would take over.
 */
export function hasTeacher(configuration: TrainingConfiguration): boolean {
  return configuration.model.network !== 'any-source' || teacherWanted(weightsOf(configuration));
}

/** Critic updates in each stage. */
export function iterationsOf(
  { schedule }: { readonly schedule: Pick<TrainingConfiguration['schedule'], 'epochs' | 'iterations'> },
  batchesPerEpoch: number,
): number {
  return schedule.iterations ?? Math.max(1, Math.round(schedule.epochs * batchesPerEpoch));
}

/**
 * Learning rate of an iteration: growing during a warm-up, constant, then falling linearly to the final rate.
 *
 * @param iteration from 0
 * @source UTAD-Net's published script: 1e-4, from epoch 50 of 100 linearly to 1e-6.
 */
export function learningRateAt(
  {
    optimiser,
  }: {
    readonly optimiser: Pick<
      TrainingConfiguration['optimiser'],
      'learningRate' | 'finalLearningRate' | 'decayFrom' | 'warmUp'
    >;
  },
  iteration: number,
  iterations: number,
): number {
  const { finalLearningRate, decayFrom, warmUp } = optimiser;
  const learningRate = optimiser.learningRate * Math.min(1, (iteration + 1) / Math.max(1, warmUp));
  const start = decayFrom * iterations;
  if (iteration < start) return learningRate;
  const share = Math.min(1, (iteration - start) / Math.max(1, iterations - 1 - start));
  return learningRate + (finalLearningRate - learningRate) * share;
}
