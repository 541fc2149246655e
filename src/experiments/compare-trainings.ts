import type { Tensors } from '../engine/graph/tensor.js';
import { type Rival, type RivalName, rivals, utadSchedule } from '../methods/rivals.js';
import type { Schedule } from '../methods/schedule-names.js';
import type { Pair } from '../methods/translation-batches.js';
import type { TranslatorMethod } from '../methods/translator.js';
import { studentMethod, teacherMethod } from '../methods/utad.js';
import { noAugmentation } from '../slices/augmentation.js';
import { noMaskJitter } from '../slices/mask-jitter.js';
import type { TrainingConfiguration } from '../training/configuration.js';
import { presets, resolveConfiguration } from '../training/presets.js';
import { publishedWeights, type Stage } from '../training/utad-losses.js';
import type { MethodName } from './compare-methods.js';

/** What decides how the rows are trained. */
export interface ComparisonSettings {
  /** The preset with its overrides; `iterations` is the budget of every row. */
  readonly base: TrainingConfiguration & { readonly iterations: number };
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

/** What the settings decide for every row: data, sizes, budget and schedule. */
const sharedFields = [
  'modalities',
  'sliceSide',
  'features',
  'levels',
  'criticFeatures',
  'criticLayers',
  'fieldOfViewMm',
  'lowPercentile',
  'highPercentile',
  'preparation',
  'minimumBrainFraction',
  'paired',
  'validationFraction',
  'seed',
  'batchSize',
  'epochs',
  'iterations',
  'generatorEvery',
  'learningRate',
  'finalLearningRate',
  'decayFrom',
  'beta1',
  'beta2',
  'averageDecay',
  'mirror',
  'augmentation',
  'maskJitter',
  'checkpointEvery',
  'validateEvery',
  'validationSlices',
] as const satisfies readonly (keyof TrainingConfiguration)[];

/** What no published schedule says: slices as they are, and the last state. */
const plainSlices = {
  averageDecay: 0,
  mirror: false,
  augmentation: noAugmentation,
  maskJitter: noMaskJitter,
};

/** Networks and losses to the letter of the publication: all that is not shared is as in the preset `paper`. */
function asPublished(base: TrainingConfiguration): TrainingConfiguration {
  const shared = sharedFields.flatMap((field) =>
    base[field] === undefined ? [] : [[field, base[field]] as const],
  );
  return { ...presets.paper, ...(Object.fromEntries(shared) as Partial<TrainingConfiguration>) };
}

const { targetConditioning, brainPlane, sourceConditioning, pixelWeights } = presets.tiny;

/** What this project adds to network and losses, as in its preset `tiny`. */
export const oursByDefault = {
  targetConditioning,
  brainPlane,
  sourceConditioning,
  pixelWeights,
  generatorWeights: { truth: presets.tiny.generatorWeights.truth },
} as const;

/** How many slices below and above each one the row `ours` sees; no other row sees any. */
export function neighboursOf(settings: ComparisonSettings): number {
  return ourConfiguration(settings, settings.base.seed).neighbours ?? 0;
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
      const weights = { ...publishedWeights.generator, sup: 0, feature: 0 };
      const configuration = { ...published(settings, base), generatorWeights: weights };
      return [stageTraining('no-distillation', 'student', configuration, null)];
    }
    case 'student':
      return taught('student', published(settings, base), published(settings, base), 'published-teacher');
    case 'no-feature':
    case 'no-output': {
      const off = method === 'no-feature' ? { feature: 0 } : { sup: 0 };
      const configuration = published(settings, base);
      const student = { ...configuration, generatorWeights: { ...configuration.generatorWeights, ...off } };
      return taught(method, configuration, student, 'published-teacher');
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
  const { iterations } = base;
  return resolveConfiguration('paper', { ...base, ...oursByDefault, ...ours, iterations, seed });
}

/** Half of the iterations for the teacher, the rest for its student. */
function taught(
  name: string,
  teacherConfiguration: TrainingConfiguration,
  studentConfiguration: TrainingConfiguration,
  teacherName: string,
): readonly Training[] {
  const all = studentConfiguration.iterations!;
  const half = Math.floor(all / 2);
  const teacher = stageTraining(teacherName, 'teacher', { ...teacherConfiguration, iterations: half }, null);
  const rest = { ...studentConfiguration, iterations: all - half };
  return [teacher, stageTraining(name, 'student', rest, teacher)];
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
  const { criticRate = 1, ...fields } =
    schedule === 'published' ? { ...plainSlices, ...rival.schedule } : { criticRate: 1 };
  const configuration: TrainingConfiguration = { ...asPublished(base), ...fields };
  const { modalities } = base;
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
  const fields = schedule === 'published' ? { ...plainSlices, ...utadSchedule } : {};
  return { ...asPublished(base), ...fields };
}
