import type { Tensors } from '../engine/graph/tensor.js';
import {
  type PublishedSchedule,
  type Rival,
  type RivalName,
  rivals,
  utadSchedule,
} from '../methods/rivals.js';
import type { Schedule } from '../methods/schedule-names.js';
import type { Pair } from '../methods/translation-batches.js';
import type { TranslatorMethod } from '../methods/translator.js';
import { studentMethod, teacherMethod } from '../methods/utad.js';
import { presets, resolveConfiguration } from '../training/presets.js';
import type { TrainingConfiguration } from '../training/training-configuration.js';
import type { Stage } from '../training/utad-losses.js';
import type { MethodName } from './compare-methods.js';

/** What decides how the rows are trained. */
export interface ComparisonSettings {
  /** The preset with its overrides; `schedule.iterations` is the budget of every row. */
  readonly base: TrainingConfiguration & { readonly schedule: { readonly iterations: number } };
  readonly schedule: Schedule;
  /** Fields of the row `ours` that differ from the base. */
  readonly ours: Readonly<Record<string, unknown>>;
}

/** One network to train. */
export interface Training {
  /** Names its folder. */
  readonly name: string;
  readonly configuration: TrainingConfiguration;
  /** The training whose network a student starts from and is taught by; null for one that starts from nothing. */
  readonly teacher: Training | null;
  /** @param teacher the generator of `teacher`, tensors `G.*`; asked for only where the training begins */
  readonly method: (teacher: (() => Promise<Tensors>) | null) => Promise<TranslatorMethod>;
}

/**
 * The published network and losses on the data, at the width and by the schedule of a configuration. Only what is named here is
 * taken from it: a new option is off in a published row.
 */
function asPublished({
  seed,
  model: { modalities, sliceSide, levels, baseChannels, criticBaseChannels, criticLayers },
  data: { preparation, minimumBrainFraction, paired, mirror, augmentation },
  optimiser,
  schedule,
  validation,
  experimental: { maskJitter },
}: TrainingConfiguration): TrainingConfiguration {
  const { model, data, losses, experimental } = presets.paper;
  const sizes = { modalities, sliceSide, levels, baseChannels, criticBaseChannels, criticLayers };
  return {
    seed,
    model: { ...model, ...sizes },
    data: { ...data, preparation, minimumBrainFraction, paired, mirror, augmentation },
    losses,
    optimiser,
    schedule,
    validation,
    experimental: { ...experimental, maskJitter },
  };
}

const { model: tinyModel, losses: tinyLosses } = presets.tiny;

/** What this project adds to network and losses, as in its preset `tiny`. */
export const oursByDefault = {
  'model.targetConditioning': tinyModel.targetConditioning,
  'model.brainMaskChannel': tinyModel.brainMaskChannel,
  'model.sourceConditioning': tinyModel.sourceConditioning,
  'losses.pixelWeights': tinyLosses.pixelWeights,
  'losses.generator.truth': tinyLosses.generator.truth,
} as const;

/** How many slices below and above each one the row `ours` sees; no other row sees any. */
export function contextSlicesOf(settings: ComparisonSettings): number {
  return ourConfiguration(settings, settings.base.seed).model.contextSlices;
}

/**
 * What a row trains, in this order; the last network is evaluated. Whatever the row, `iterations` batches are presented in all:
 * where a student is taught, the first half of them trains its teacher. Rows whose teacher is the same share it.
 *
 * @throws UtadError bad-configuration where a row cannot be made of these settings.
 */
export function trainingsOf(
  method: MethodName,
  settings: ComparisonSettings,
  pair: Pair,
  seed: number,
): readonly Training[] {
  const base = { ...settings.base, seed };
  if (isRival(method)) return [rivalTraining(method, settings, base, pair)];
  switch (method) {
    case 'teacher':
      return [stageTraining('teacher', 'teacher', published(settings, base), null)];
    case 'no-distillation': {
      const configuration = withoutTerms(published(settings, base), { sup: 0, feature: 0 });
      return [stageTraining('no-distillation', 'student', configuration, null)];
    }
    case 'student':
      return taught('student', published(settings, base), published(settings, base), 'published-teacher');
    case 'no-feature':
    case 'no-output': {
      const off = method === 'no-feature' ? { feature: 0 } : { sup: 0 };
      const configuration = published(settings, base);
      return taught(method, configuration, withoutTerms(configuration, off), 'published-teacher');
    }
    case 'ours': {
      const own = ourConfiguration(settings, seed);
      return taught('ours', own, own, 'our-teacher');
    }
  }
}

function isRival(method: MethodName): method is RivalName {
  return method in rivals;
}

/** The configuration of the row `ours`, checked as a whole, since a person may have set these fields. */
function ourConfiguration(
  { base, ours }: Pick<ComparisonSettings, 'base' | 'ours'>,
  seed: number,
): TrainingConfiguration {
  const {
    schedule: { iterations },
  } = base;
  return resolveConfiguration('paper', {
    ...base,
    ...oursByDefault,
    ...ours,
    'schedule.iterations': iterations,
    seed,
  });
}

/** Half of the iterations for the teacher, the rest for its student. */
function taught(
  name: string,
  teacherConfiguration: TrainingConfiguration,
  studentConfiguration: TrainingConfiguration,
  teacherName: string,
): readonly Training[] {
  const all = studentConfiguration.schedule.iterations!;
  const half = Math.floor(all / 2);
  const teacher = stageTraining(teacherName, 'teacher', withIterations(teacherConfiguration, half), null);
  const rest = withIterations(studentConfiguration, all - half);
  return [teacher, stageTraining(name, 'student', rest, teacher)];
}

function withIterations(configuration: TrainingConfiguration, iterations: number): TrainingConfiguration {
  return { ...configuration, schedule: { ...configuration.schedule, iterations } };
}

function withoutTerms(
  configuration: TrainingConfiguration,
  off: Partial<TrainingConfiguration['losses']['generator']>,
): TrainingConfiguration {
  const { losses } = configuration;
  return { ...configuration, losses: { ...losses, generator: { ...losses.generator, ...off } } };
}

function stageTraining(
  name: string,
  stage: Stage,
  configuration: TrainingConfiguration,
  teacher: Training | null,
): Training {
  return {
    name,
    configuration,
    teacher,
    method: async (taught) =>
      stage === 'teacher' ? teacherMethod(configuration) : studentMethod(configuration, taught),
  };
}

function rivalTraining(
  key: RivalName,
  { schedule }: ComparisonSettings,
  base: TrainingConfiguration,
  pair: Pair,
): Training {
  const rival: Rival = rivals[key];
  const configuration = scheduled(asPublished(base), schedule, rival.schedule);
  const criticRate = schedule === 'published' ? (rival.schedule.criticRate ?? 1) : 1;
  const {
    model: { modalities },
  } = base;
  const ofPair = `${modalities[pair.first]}-${modalities[pair.second]}`;
  return {
    name: rival.pairOnly ? `${key}-${ofPair}` : key,
    configuration,
    teacher: null,
    method: async () => (await rival.load())(configuration, criticRate, pair),
  };
}

/** UTAD-Net's networks and losses to the letter. */
function published({ schedule }: ComparisonSettings, base: TrainingConfiguration): TrainingConfiguration {
  return scheduled(asPublished(base), schedule, utadSchedule);
}

/** By the schedule of a publication, none of which varies slices or masks; or as the configuration says. */
function scheduled(
  configuration: TrainingConfiguration,
  schedule: Schedule,
  { optimiser, generatorEvery }: PublishedSchedule,
): TrainingConfiguration {
  if (schedule === 'common') return configuration;
  const { data, experimental } = presets.paper;
  return {
    ...configuration,
    data: { ...configuration.data, mirror: data.mirror, augmentation: data.augmentation },
    optimiser,
    schedule: { ...configuration.schedule, generatorEvery },
    experimental,
  };
}
