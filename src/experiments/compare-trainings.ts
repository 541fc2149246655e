import { cycleganRival } from '../methods/cyclegan.js';
import type { Pair, Rival, RivalSetup } from '../methods/rival.js';
import type { Schedule } from '../methods/schedule-names.js';
import { publishedSchedules } from '../methods/schedules.js';
import { starganRival } from '../methods/stargan.js';
import { targanRival } from '../methods/targan.js';
import { modelOf, type TrainingConfiguration } from '../training/configuration.js';
import { presets, resolveConfiguration } from '../training/presets.js';
import { publishedWeights } from '../training/terms.js';
import type { Stage } from '../training/update-setup.js';
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
export type Training = RivalTraining | StageTraining;

/** A network that is not UTAD-Net's. */
export interface RivalTraining {
  readonly kind: 'rival';
  /** Names its folder. */
  readonly name: string;
  readonly configuration: TrainingConfiguration;
  readonly rival: Rival;
  readonly criticRate: number;
}

/** A stage of UTAD-Net. */
export interface StageTraining {
  readonly kind: 'stage';
  /** Names its folder. */
  readonly name: string;
  readonly configuration: TrainingConfiguration;
  readonly stage: Stage;
  /** The training whose network a student starts from and is taught by; null for one that starts from nothing. */
  readonly teacher: StageTraining | null;
}

/** Networks and losses to the letter of the publication, whatever the preset adds. */
function asPublished({
  studentFeatures: _,
  neighbours: __,
  ...base
}: TrainingConfiguration): TrainingConfiguration {
  return {
    ...base,
    targetConditioning: false,
    brainPlane: false,
    sourceConditioning: false,
    pixelWeights: { brain: 1, tumour: 1 },
    truthError: 'squared',
    targets: 'permuted',
    criticWeights: publishedWeights.critic,
    generatorWeights: publishedWeights.generator,
  };
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
export function neighboursOf({ base, ours }: ComparisonSettings): number {
  const own = ours['neighbours'];
  return typeof own === 'number' ? own : (base.neighbours ?? 0);
}

/**
 * What a row trains, in this order; the last network is judged. Whatever the row, `iterations` batches are presented in all:
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
  const { modalities } = base;
  switch (method) {
    case 'single':
      return [rivalTraining('single', settings, base, 'single', starganRival)];
    case 'targan':
      return [rivalTraining('targan', settings, base, 'targan', targanRival)];
    case 'cyclegan': {
      const name = `cyclegan-${modalities[pair.first]}-${modalities[pair.second]}`;
      return [rivalTraining(name, settings, base, 'cyclegan', (setup) => cycleganRival(setup, pair))];
    }
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
      const { iterations } = base;
      // Checked as a whole, since a person may have set these fields.
      const own = resolveConfiguration('paper', {
        ...base,
        ...oursByDefault,
        ...settings.ours,
        iterations,
        seed,
      });
      return taught('ours', own, own, 'our-teacher');
    }
  }
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
  teacher: StageTraining | null,
): StageTraining {
  return { kind: 'stage', name, stage, configuration, teacher };
}

function rivalTraining(
  name: string,
  { schedule }: ComparisonSettings,
  base: TrainingConfiguration,
  own: 'single' | 'cyclegan' | 'targan',
  rivalOf: (setup: RivalSetup) => Rival,
): RivalTraining {
  const { criticRate = 1, ...fields } =
    schedule === 'published' ? publishedSchedules[own] : { criticRate: 1 };
  const configuration: TrainingConfiguration = { ...asPublished(base), ...fields };
  const { batchSize, beta1, beta2, averageDecay } = configuration;
  const model = modelOf(configuration);
  const rival = rivalOf({ model, batchSize, adam: { beta1, beta2 }, averageDecay });
  return { kind: 'rival', name, configuration, rival, criticRate };
}

/** UTAD-Net's networks and losses to the letter. */
function published({ schedule }: ComparisonSettings, base: TrainingConfiguration): TrainingConfiguration {
  const fields = schedule === 'published' ? publishedSchedules.utad : {};
  return { ...asPublished(base), ...fields };
}
